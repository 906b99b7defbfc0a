#include "collector/protocol/http/request_side.h"

#include <algorithm>

#include "collector/protocol/http/message_length.h"
#include "collector/protocol/http/text.h"

namespace chieng::collector::http {

Side::Step RequestSide::read_line(std::string_view in, bool at_end) {
  if (bare_line_) return after_bare_line(in, at_end);
  if (in.front() == '\r' || in.front() == '\n') return {1, false};
  const std::size_t lf = in.find('\n');
  if (lf == std::string_view::npos) {
    if (in.size() > kMaxField) {
      connection_.event(nullptr, Event::e_request_field_too_long, direction_);
      fail(Event::e_request_line_invalid);
      return {in.size(), false};
    }
    if (!at_end) return kMore;
  }
  std::string_view line = in.substr(0, lf);
  while (line.ends_with('\r')) line.remove_suffix(1);
  start_request(line);
  if (lf == std::string_view::npos)
    connection_.event(tx_, Event::e_request_line_incomplete, direction_);
  return {lf == std::string_view::npos ? in.size() : lf + 1, false};
}

std::optional<bool> RequestSide::may_start(std::string_view in) const {
  const std::size_t end = in.find_first_of(" \t");
  if (end != std::string_view::npos) return known_method(in.substr(0, end));
  return may_become_method(in) ? std::nullopt : std::optional(false);
}

void RequestSide::start_request(std::string_view text) {
  tx_ = &connection_.new_request();
  open_frame();
  Message& message = tx_->message(direction_);
  message.seen = true;
  message.line = text;
  const RequestLine line = split_request_line(message.line);
  tx_->method = line.method;
  tx_->uri_raw = line.target;
  if (!line.protocol.empty()) {
    message.protocol_at = static_cast<std::size_t>(line.protocol.data() - message.line.data());
    message.protocol_size = line.protocol.size();
  }
  const Uri uri = split_uri(tx_->uri_raw, line.method == "CONNECT");
  tx_->path = normalised_path(uri.path);
  tx_->uri = normalised_uri(uri);
  if (line.method == "CONNECT") tx_->uri = tx_->uri_raw;
  if (uri.authority) set_host(uri);
  report_line(line);
  tx_->advance(direction_, Progress::line);
  bare_line_ = line.protocol.empty();
  if (!bare_line_) state_ = State::headers;
}

void RequestSide::report_line(const RequestLine& line) {
  const auto raise = [&](bool wrong, Event e) {
    if (wrong) connection_.event(tx_, e, direction_);
  };
  raise(line.leading_space, Event::e_request_line_leading_whitespace);
  raise(line.odd_method_end, Event::e_method_delim_non_compliant);
  raise(line.odd_target_end, Event::e_uri_delim_non_compliant);
  raise(line.odd_protocol, Event::e_request_line_invalid);
  if (known_method(line.method)) return;
  raise(line.protocol.empty(), Event::e_request_line_unknown_method_no_protocol);
  raise(line.odd_protocol, Event::e_request_line_unknown_method_invalid_protocol);
  raise(!line.protocol.empty() && !line.odd_protocol, Event::e_request_line_unknown_method);
}

// HTTP/0.9 has no headers; if something like one follows, the protocol was only forgotten.
Side::Step RequestSide::after_bare_line(std::string_view in, bool at_end) {
  std::size_t i = 0;
  while (i < in.size() && !is_space(in[i]) && in[i] != ':') ++i;
  while (i < in.size() && is_blank(in[i])) ++i;
  const bool folded = is_blank(in.front());  // no request begins like this
  if (i == in.size() && !at_end && i < kMaxField && !folded) return kMore;
  bare_line_ = false;
  if (folded || (i < in.size() && in[i] == ':' && i > 0)) {
    connection_.event(tx_, Event::e_request_line_missing_protocol, direction_);
    state_ = State::headers;
  } else {
    tx_->no_protocol = true;
    tx_->advance(direction_, Progress::headers);
    state_ = State::surplus;
  }
  return {0, false};
}

void RequestSide::set_host(const Uri& uri) {
  HostName host = normalised_host(*uri.authority);
  if (!host.valid) connection_.event(tx_, Event::e_request_uri_host_invalid, direction_);
  tx_->host_raw = *uri.authority;
  tx_->host = std::move(host.name);
  tx_->port = host.port;
  if (tx_->method != "CONNECT" && host.port && *host.port != connection_.host.flow().key.dst_port)
    connection_.event(tx_, Event::e_request_server_port_tcp_port_mismatch, direction_);
}

void RequestSide::headers_done(std::string_view block) {
  Message& message = tx_->message(direction_);
  message.headers.parse(block, direction_);
  report(message.headers.flags(), block);
  const auto header = message.headers.find(Known::host);
  if (header) {
    HostName host = normalised_host(*header);
    if (!host.valid) connection_.event(tx_, Event::e_request_header_host_invalid, direction_);
    if (tx_->host.empty()) {
      tx_->host_raw = *header;
      tx_->host = std::move(host.name);
      tx_->port = host.port;
    } else if (tx_->host != host.name) {
      connection_.event(tx_, Event::e_host_header_ambiguous, direction_);
    }
  } else if (message.protocol_text() == "HTTP/1.1" && tx_->host.empty()) {
    connection_.event(tx_, Event::e_missing_host_header, direction_);
  }
  start_body();
  tx_->advance(direction_, Progress::headers);
}

void RequestSide::start_body() {
  const Headers& headers = tx_->message(direction_).headers;
  body_.start(*tx_, true);
  body_open_ = true;
  const auto transfer = headers.find(Known::transfer_encoding);
  const bool chunked = transfer && means_chunked(*transfer);
  if (transfer && !chunked)
    connection_.event(tx_, Event::e_invalid_transfer_encoding_value_in_request, direction_);
  if (tx_->method == "CONNECT") return start_length(0);
  if (chunked) return start_chunks();
  const auto length = headers.find(Known::content_length);
  if (!length) return start_length(0);
  const ContentLength parsed = parse_content_length(*length);
  if (!parsed.value || parsed.junk_before || parsed.junk_after)
    connection_.event(tx_, Event::e_invalid_content_length_field_in_request, direction_);
  start_length(parsed.value.value_or(0));
}

// A line that is no request, right behind one, is taken as an unannounced body.
Side::Step RequestSide::read_surplus(std::string_view in, bool at_end) {
  if (tx_->method != "CONNECT") {
    std::size_t begin = 0;
    while (begin < in.size() && is_space(in[begin])) ++begin;
    std::size_t end = begin;
    while (end < in.size() && !is_space(in[end])) ++end;
    const std::string_view word = in.substr(begin, end - begin);
    const bool request = word.empty() || known_method(word) ||
                         (end == in.size() && !at_end && may_become_method(word));
    if (!request && body_open_) {
      connection_.event(tx_, Event::e_request_body_unexpected, direction_);
      const std::size_t lf = in.find('\n', begin);
      const std::size_t used = lf == std::string_view::npos ? in.size() : lf + 1;
      body_.data(as_bytes(in.substr(0, used)));
      return {used, false};
    }
  }
  finish_message(true);
  return {0, false};
}

Side::Step RequestSide::wait(std::string_view in) {
  if (connection_.connect_open && in.size() <= kMaxWaiting) return kMore;
  if (connection_.connect_open) {
    state_ = State::closed;
    connection_.host.stop(direction_);
    return {in.size(), false};
  }
  state_ = State::line;
  return {0, false};
}

void RequestSide::message_done() {
  if (tx_->method == "CONNECT" && !tx_->at_least(Direction::to_client, Progress::line)) {
    connection_.connect_open = true;
    state_ = State::waiting;
  }
  tx_ = nullptr;
  bare_line_ = false;
}

void RequestSide::connect_refused() {
  if (state_ == State::waiting) data({});
}

}  // namespace chieng::collector::http
