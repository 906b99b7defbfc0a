#include "collector/protocol/http/status_line.h"

#include <algorithm>

#include "collector/protocol/http/text.h"

namespace chieng::collector::http {
namespace {

std::string_view without_leading(std::string_view text) {
  while (!text.empty() && (is_space(text.front()) || text.front() == '\0')) text.remove_prefix(1);
  return text;
}

std::string_view take_token(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && !is_space(text[end])) ++end;
  const std::string_view token = text.substr(0, end);
  text.remove_prefix(end);
  return token;
}

// HTTP/1.0, HTTP/1.1 or HTTP/0.9, with zeros in front of the 0.9
bool usual_protocol(std::string_view protocol) {
  if (!starts_with_text(protocol, "http/")) return false;
  protocol = trim(protocol.substr(5));
  if (protocol == "1.0" || protocol == "1.1") return true;
  return protocol.ends_with(".9") && std::ranges::all_of(protocol.substr(0, protocol.size() - 2),
                                                         [](char c) { return c == '0'; });
}

}  // namespace

bool looks_like_status_line(std::string_view line) {
  return starts_with_text(without_leading(line), "http");
}

StatusLine split_status_line(std::string_view line) {
  StatusLine out;
  line = without_leading(line);
  out.protocol = take_token(line);
  line = without_leading(line);
  out.status = take_token(line);
  out.reason = trim(line);
  out.odd_protocol = !usual_protocol(out.protocol);
  if (out.status.size() == 3 && std::ranges::all_of(out.status, is_digit)) {
    const int code =
        (out.status[0] - '0') * 100 + (out.status[1] - '0') * 10 + (out.status[2] - '0');
    if (code >= 100) out.code = code;
  }
  return out;
}

}  // namespace chieng::collector::http
