// A SIP message (RFC 3261 section 7) as text fields.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes/bytes.h"

namespace chieng::collector::sip {

struct Header {
  std::string name;  // long form where the message had the compact one
  std::string value;
};

// Bounded by the datagram, or kMostMessage over TCP.
struct Message {
  bool response = false;
  std::string first_line;            // without its line end
  std::string method, uri, version;  // of a request; a response has its version
  std::string code, reason;
  std::vector<Header> headers;
  std::string body;

  // Null where there is no such header; nth from 0.
  [[nodiscard]] const std::string* header(std::string_view name, std::size_t nth = 0) const;
};

// The first line and the headers; nothing where the first line is none of SIP.
[[nodiscard]] std::optional<Message> parse_head(std::string_view head);
// Bytes up to and with the empty line after the headers; npos where it has not come.
[[nodiscard]] std::size_t head_size(std::string_view in);
[[nodiscard]] std::size_t content_length(const Message& message);

// A line as "INVITE sip:bob@example.com SIP/2.0" or "SIP/2.0 200 OK".
[[nodiscard]] bool is_first_line(std::string_view line);
// Whether in, which holds no whole line, may become one.
[[nodiscard]] bool may_begin_message(std::string_view in);

}  // namespace chieng::collector::sip
