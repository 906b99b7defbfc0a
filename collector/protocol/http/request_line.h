// The request line and the methods that are known.
#pragma once

#include <string_view>

namespace chieng::collector::http {

// Views into the line.
struct RequestLine {
  std::string_view method, target, protocol;  // protocol empty: HTTP/0.9 or forgotten
  bool leading_space = false, odd_method_end = false, odd_target_end = false, odd_protocol = false;
};
// The target reaches to the last blank before the protocol, so it may have blanks inside.
[[nodiscard]] RequestLine split_request_line(std::string_view line);
[[nodiscard]] bool known_method(std::string_view method);
// Whether text may be the start of a known method.
[[nodiscard]] bool may_become_method(std::string_view text);

}  // namespace chieng::collector::http
