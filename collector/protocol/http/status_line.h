// The status line.
#pragma once

#include <string_view>

namespace chieng::collector::http {

// Views into the line.
struct StatusLine {
  std::string_view protocol, status, reason;
  int code = 0;  // 0: not three digits from 100 to 999
  bool odd_protocol = false;
};
[[nodiscard]] StatusLine split_status_line(std::string_view line);
// Whether a line is a status line at all: "http" in any case, behind blanks and NULs.
[[nodiscard]] bool looks_like_status_line(std::string_view line);

}  // namespace chieng::collector::http
