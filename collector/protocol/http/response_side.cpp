#include "collector/protocol/http/response_side.h"

#include <algorithm>

#include "collector/protocol/http/message_length.h"
#include "collector/protocol/http/status_line.h"
#include "collector/protocol/http/text.h"
#include "collector/protocol/http/upgrade.h"

namespace chieng::collector::http {

namespace {

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && (is_blank(text.front()) || text.front() == '\0')) text.remove_prefix(1);
  return text;
}

}  // namespace

Side::Step ResponseSide::read_line(std::string_view in, bool at_end) {
  if (in.front() == '\r' || in.front() == '\n') return {1, false};
  const std::size_t end = in.find_first_of("\r\n");
  if (end == std::string_view::npos && !at_end) {
    if (in.size() <= kMaxField) return kMore;
    if (looks_like_status_line(in)) {
      connection_.event(nullptr, Event::e_response_field_too_long, direction_);
      fail(Event::e_parser_state_error);
      return {in.size(), false};
    }
  }
  const std::string_view line = in.substr(0, end);
  std::size_t used = line.size();
  if (used < in.size() && in[used] == '\r') {
    if (used + 1 == in.size() && !at_end) return kMore;
    ++used;
  }
  if (used < in.size() && in[used] == '\n') ++used;
  if (looks_like_status_line(line)) {
    start_response(line);
    return {used, false};
  }
  if (used == in.size() && !at_end && end != std::string_view::npos) return kMore;
  if (line.size() <= 2 || (used < in.size() && in[used] == 'H')) return {used, false};
  start_raw_body();
  return {0, false};
}

std::optional<bool> ResponseSide::may_start(std::string_view in) const {
  constexpr std::string_view start = "HTTP/";
  if (in.size() < start.size() && start.starts_with(in)) return std::nullopt;
  return in.starts_with(start);
}

void ResponseSide::take_transaction() {
  tx_ = &connection_.next_response();
  open_frame();
  tx_->message(direction_).seen = true;
}

void ResponseSide::start_response(std::string_view text) {
  take_transaction();
  Message& message = tx_->message(direction_);
  message.line = text;
  const StatusLine line = split_status_line(message.line);
  message.protocol_at = static_cast<std::size_t>(line.protocol.data() - message.line.data());
  message.protocol_size = line.protocol.size();
  tx_->status_text = line.status;
  tx_->status = line.code;
  tx_->reason = line.reason;
  if (line.odd_protocol)
    connection_.event(tx_, Event::e_response_line_invalid_protocol, direction_);
  if (line.code == 0)
    connection_.event(tx_, Event::e_response_line_invalid_response_status, direction_);
  if (line.code != 100) tx_->advance(direction_, Progress::line);
  state_ = State::headers;
}

// No status line where one should be: all that follows is taken as the body.
void ResponseSide::start_raw_body() {
  take_transaction();
  body_.start(*tx_, false);
  body_open_ = true;
  tx_->advance(direction_, Progress::headers);
  start_until_close();
}

bool ResponseSide::is_interim() const {
  if (tx_->status != 100) return false;
  const Headers& headers = tx_->message(Direction::to_client).headers;
  if (headers.find(Known::transfer_encoding)) return false;
  const auto length = headers.find(Known::content_length);
  return !length || parse_content_length(*length).value.value_or(0) == 0;
}

void ResponseSide::headers_done(std::string_view block) {
  Message& message = tx_->message(direction_);
  message.headers.parse(block, direction_);
  if (is_interim()) {
    if (continued_) connection_.event(tx_, Event::e_100_continue_already_seen, direction_);
    continued_ = true;
    message.headers = Headers();
    message.line.clear();
    message.protocol_at = message.protocol_size = 0;
    tx_->status_text.clear();
    tx_->reason.clear();
    tx_->status = 0;
    state_ = State::line;
    return;
  }
  report(message.headers.flags(), block);
  tx_->advance(direction_, Progress::line);
  start_body();
  if (tx_ != nullptr) tx_->advance(direction_, Progress::headers);
}

bool ResponseSide::has_no_body() const {
  if (tx_->method == "HEAD") return true;
  const int code = tx_->status;
  const bool empty_code = (code >= 100 && code < 200) || code == 204 || code == 304;
  const Headers& headers = tx_->message(Direction::to_client).headers;
  return empty_code && !headers.find(Known::transfer_encoding) &&
         !headers.find(Known::content_length);
}

void ResponseSide::start_body() {
  const Headers& headers = tx_->message(direction_).headers;
  const bool upgrade = tx_->status == 101 && has_no_body();
  if (upgrade || (tx_->method == "CONNECT" && tx_->status >= 200 && tx_->status < 300))
    return tunnel();
  if (tx_->status == 101 && headers.find(Known::content_length))
    connection_.event(tx_, Event::e_switching_proto_with_content_length, direction_);
  body_.start(*tx_, true);
  body_open_ = true;
  if (has_no_body()) return start_length(0);
  start_framed();
}

void ResponseSide::start_framed() {
  const Message& message = tx_->message(direction_);
  const auto transfer = message.headers.find(Known::transfer_encoding);
  if (transfer && means_chunked(*transfer)) {
    if (!same_text(trim(*transfer), "chunked"))
      connection_.event(tx_, Event::e_response_abnormal_transfer_encoding, direction_);
    if (message.protocol_text() != "HTTP/1.1")
      connection_.event(tx_, Event::e_response_chunked_old_proto, direction_);
    return start_chunks();
  }
  if (transfer)
    connection_.event(tx_, Event::e_invalid_transfer_encoding_value_in_response, direction_);
  if (const auto length = message.headers.find(Known::content_length)) {
    const ContentLength parsed = parse_content_length(*length);
    if (parsed.junk_before)
      connection_.event(tx_, Event::e_content_length_extra_data_start, direction_);
    if (parsed.value && parsed.junk_after)
      connection_.event(tx_, Event::e_content_length_extra_data_end, direction_);
    if (parsed.value) return start_length(*parsed.value);
    return fail(Event::e_invalid_content_length_field_in_response);
  }
  const auto type = message.headers.find(Known::content_type);
  if (type && folded(*type).find("multipart/byteranges") != std::string::npos)
    return fail(Event::e_response_multipart_byteranges);
  start_until_close();
}

void ResponseSide::tunnel() {
  tx_->advance(direction_, Progress::headers);
  connection_.tunnel = true;
  leave_for_next_protocol(connection_, *tx_);
  finish_message(true);
  state_ = State::closed;
  requests_.hand_over();
}

// Bytes behind a whole body that are no status line belong to it, up to the line's end.
Side::Step ResponseSide::read_surplus(std::string_view in, bool at_end) {
  (void)at_end;
  const PooledString head = folded(trim_blanks(in).substr(0, 4));
  if (!std::string_view("http").starts_with(head) && body_open_) {
    connection_.event(tx_, Event::e_response_body_unexpected, direction_);
    const std::size_t lf = in.find('\n');
    const std::size_t used = lf == std::string_view::npos ? in.size() : lf + 1;
    body_.data(as_bytes(in.substr(0, used)));
    return {used, false};
  }
  finish_message(true);
  return {0, false};
}

void ResponseSide::message_done() {
  connection_.response_done(*tx_);
  const bool connect = tx_->method == "CONNECT";
  tx_ = nullptr;
  continued_ = false;
  if (!connect || connection_.tunnel) return;
  connection_.connect_open = false;
  requests_.connect_refused();
}

}  // namespace chieng::collector::http
