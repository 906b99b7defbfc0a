#include "collector/protocol/http/side.h"

#include <algorithm>
#include <utility>

#include "collector/protocol/http/header_lines.h"

namespace chieng::collector::http {

void Side::data(std::string_view data) {
  end_at_ = connection_.host.position(direction_) + data.size();
  const bool from_held = !held_.empty();
  if (from_held) held_ += data;
  std::string_view rest = from_held ? std::string_view(held_) : data;
  run(rest, false);
  if (from_held)
    held_.erase(0, held_.size() - rest.size());
  else
    held_ = rest;
  if (state_ == State::surplus && held_.empty()) finish_message(true);
}

void Side::run(std::string_view& in, bool at_end) {
  while (!in.empty() && state_ != State::closed) {
    here_ = end_at_ - in.size();
    const Step done = step(in, at_end);
    if (frame_ != 0) frame_end_ = here_ + done.used;
    in.remove_prefix(done.used);
    if (done.stop) break;
  }
  if (state_ != State::closed) return;
  if (connection_.tunnel) pass_on(in);
  in = {};
}

void Side::pass_on(std::string_view rest) {
  // An empty line behind the headers is nobody's.
  rest.remove_prefix(std::min(rest.find_first_not_of("\r\n"), rest.size()));
  if (!rest.empty()) connection_.host.pass_on(direction_, as_bytes(rest));
}

void Side::hand_over() {
  pass_on(held_);
  held_.clear();
  state_ = State::closed;
}

Side::Step Side::step(std::string_view in, bool at_end) {
  switch (state_) {
    case State::line:
      return after_loss_ ? resume(in, at_end) : read_line(in, at_end);
    case State::headers:
    case State::trailers:
      return read_block(in, at_end);
    case State::body_length:
      return read_length(in);
    case State::body_until_close:
      body_.data(as_bytes(in));
      return {in.size(), false};
    case State::chunks:
      return read_chunks(in, at_end);
    case State::surplus:
      return read_surplus(in, at_end);
    case State::waiting:
      return wait(in);
    case State::closed:
      break;
  }
  return {in.size(), true};
}

Side::Step Side::read_block(std::string_view in, bool at_end) {
  const auto end = scanner_.find_end(in, at_end);
  if (!end) {
    if (!scanner_.too_long()) return kMore;
    event(Event::e_request_field_too_long, Event::e_response_field_too_long);
    fail(Event::e_parser_state_error);
    return {in.size(), false};
  }
  scanner_.reset();
  if (state_ == State::headers) {
    headers_done(in.substr(0, *end));
  } else {
    tx_->advance(direction_, Progress::trailer);
    state_ = State::surplus;
  }
  return {*end, false};
}

Side::Step Side::read_length(std::string_view in) {
  const std::size_t n = std::min<std::uint64_t>(left_, in.size());
  body_.data(as_bytes(in.substr(0, n)));
  left_ -= n;
  if (left_ == 0) state_ = State::surplus;
  return {n, false};
}

Side::Step Side::read_chunks(std::string_view in, bool at_end) {
  const std::size_t used = chunk_reader_.step(in, at_end, body_);
  if (chunk_reader_.extension())
    event(Event::e_request_chunk_extension, Event::e_response_chunk_extension);
  if (chunk_reader_.invalid())
    event(Event::e_invalid_request_chunk_len, Event::e_invalid_response_chunk_len);
  if (chunk_reader_.state() == ChunkReader::State::abandoned) {
    state_ = State::body_until_close;
    return {0, false};
  }
  if (chunk_reader_.state() == ChunkReader::State::last) {
    body_done(FileView::State::closed);
    state_ = State::trailers;
    return {used, false};
  }
  return {used, used == 0};
}

void Side::start_length(std::uint64_t length) {
  left_ = length;
  state_ = length == 0 ? State::surplus : State::body_length;
}
void Side::start_chunks() {
  chunk_reader_.start();
  state_ = State::chunks;
}
void Side::start_until_close() {
  state_ = State::body_until_close;
}

void Side::body_done(FileView::State state) {
  if (!body_open_) return;
  body_open_ = false;
  body_.finish(state);
  tx_->advance(direction_, Progress::body);
}

void Side::open_frame() {
  frame_ = connection_.host.frame(direction_, direction_ == Direction::to_server ? 0 : 1, here_,
                                  std::nullopt, tx_);
  frame_end_ = end_at_;
}

void Side::finish_message(bool whole) {
  if (tx_ == nullptr) return;
  connection_.host.end_frame(direction_, std::exchange(frame_, 0), frame_end_);
  body_done(whole ? FileView::State::closed : FileView::State::truncated);
  tx_->advance(direction_, Progress::complete);
  connection_.host.inspect_raw(direction_);
  state_ = State::line;
  scanner_.reset();
  message_done();
}

// Only an identity body survives a loss, or the pause between two messages if a message starts
// right behind it.
void Side::gap(std::uint64_t bytes) {
  if (state_ == State::closed || bytes == 0) return;
  if (state_ == State::body_until_close) return body_.gap(bytes);
  std::uint64_t in_body = 0;
  if (state_ == State::body_length) {
    in_body = std::min(left_, bytes);
    body_.gap(in_body);
    left_ -= in_body;
    frame_end_ += in_body;
    if (left_ > 0) return;
    finish_message(true);
  }
  if (state_ != State::line || tx_ != nullptr || !held_.empty()) return fail(Event::e_invalid_gap);
  after_loss_ = bytes > in_body;
}

Side::Step Side::resume(std::string_view in, bool at_end) {
  const auto starts = may_start(in);
  if (!starts && !at_end) return kMore;
  after_loss_ = false;
  if (starts.value_or(false)) return {0, false};
  fail(Event::e_invalid_gap);
  return {in.size(), false};
}

void Side::end() {
  std::string_view rest = held_;
  run(rest, true);
  held_.clear();
  if (state_ == State::closed || tx_ == nullptr) return;
  const bool whole =
      state_ == State::body_until_close || state_ == State::surplus || state_ == State::trailers;
  finish_message(whole);
}

void Side::fail(Event e) {
  connection_.event(tx_, e, direction_);
  finish_message(false);
  state_ = State::closed;
  held_.clear();
  connection_.host.stop(direction_);
}

void Side::event(Event request, Event response) {
  connection_.event(tx_, direction_ == Direction::to_server ? request : response, direction_);
}

void Side::report(const HeaderFlags& flags, std::string_view block) {
  const bool begins_blank = direction_ == Direction::to_client && !block.empty() &&
                            (block.front() == ' ' || block.front() == '\t');
  if (begins_blank || continues_header(block, direction_))
    event(Event::e_invalid_request_field_folding, Event::e_invalid_response_field_folding);
  if (flags.missing_colon)
    event(Event::e_request_field_missing_colon, Event::e_response_field_missing_colon);
  if (flags.invalid_name)
    event(Event::e_request_header_invalid, Event::e_response_header_name_not_token);
  if (flags.blank_after_name)
    event(Event::e_request_invalid_lws_after_name, Event::e_response_invalid_lws_after_name);
  if (flags.repeated)
    event(Event::e_request_header_repetition, Event::e_response_header_repetition);
  if (flags.too_many) event(Event::e_request_too_many_headers, Event::e_response_too_many_headers);
  if (flags.deformed_eol) event(Event::e_deformed_eol, Event::e_deformed_eol);
  if (flags.duplicate_length)
    event(Event::e_duplicate_content_length_field_in_request,
          Event::e_duplicate_content_length_field_in_response);
}

}  // namespace chieng::collector::http
