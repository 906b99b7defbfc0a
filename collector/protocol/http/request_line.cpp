#include "collector/protocol/http/request_line.h"

#include <algorithm>
#include <array>

#include "collector/protocol/http/text.h"

namespace chieng::collector::http {
namespace {

constexpr auto kMethods = std::to_array<std::string_view>({"GET",
                                                           "POST",
                                                           "PUT",
                                                           "HEAD",
                                                           "OPTIONS",
                                                           "CONNECT",
                                                           "DELETE",
                                                           "PATCH",
                                                           "TRACE",
                                                           "PROPFIND",
                                                           "PROPPATCH",
                                                           "MKCOL",
                                                           "COPY",
                                                           "MOVE",
                                                           "LOCK",
                                                           "UNLOCK",
                                                           "VERSION-CONTROL",
                                                           "CHECKOUT",
                                                           "UNCHECKOUT",
                                                           "CHECKIN",
                                                           "UPDATE",
                                                           "LABEL",
                                                           "REPORT",
                                                           "MKWORKSPACE",
                                                           "MKACTIVITY",
                                                           "BASELINE-CONTROL",
                                                           "MERGE",
                                                           "SEARCH",
                                                           "ACL",
                                                           "BIND",
                                                           "INVALID"});

}  // namespace

bool known_method(std::string_view method) {
  return std::ranges::find(kMethods, method) != kMethods.end();
}

bool may_become_method(std::string_view text) {
  return std::ranges::any_of(kMethods, [&](std::string_view m) { return m.starts_with(text); });
}

RequestLine split_request_line(std::string_view line) {
  RequestLine out;
  while (!line.empty() && is_space(line.back())) line.remove_suffix(1);
  while (!line.empty() && is_space(line.front())) line.remove_prefix(1), out.leading_space = true;
  std::size_t end = 0;
  while (end < line.size() && !is_space(line[end])) ++end;
  out.method = line.substr(0, end);
  line.remove_prefix(end);
  while (!line.empty() && is_space(line.front())) {
    out.odd_method_end |= line.front() != ' ';
    line.remove_prefix(1);
  }
  std::size_t last = line.size();
  while (last > 0 && !is_space(line[last - 1])) --last;
  const std::string_view protocol = line.substr(last);
  if (last == 0 || !starts_with_text(protocol, "http/")) {
    out.target = line;
    return out;
  }
  out.protocol = protocol;
  out.odd_protocol = protocol != "HTTP/1.1" && protocol != "HTTP/1.0" && protocol != "HTTP/0.9";
  out.target = line.substr(0, last);
  while (!out.target.empty() && is_space(out.target.back())) {
    out.odd_target_end |= out.target.back() != ' ';
    out.target.remove_suffix(1);
  }
  return out;
}

}  // namespace chieng::collector::http
