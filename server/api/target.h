// What a request's target asks for: the decoded path and the query. Reads hostile text: bounded, no
// exceptions.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error/result.h"

namespace chieng::server {

inline constexpr std::size_t kTargetMaximum = 8192;  // bytes
inline constexpr std::size_t kQueryMaximum = 32;     // members
inline constexpr std::size_t kCursorMaximum = 512;   // bytes

struct Target {
  std::string path;                   // decoded, for static files; starts with '/'
  std::vector<std::string> segments;  // decoded one by one: an escaped '/' stays inside its segment
  std::vector<std::pair<std::string, std::string>> query;  // names are unique

  [[nodiscard]] const std::string* find(std::string_view name) const;  // in the query
};

// parse: not an absolute path, a bad escape, control characters, bytes that are not UTF-8, "." or
// ".." as a segment, a query member named twice.
[[nodiscard]] Result<Target> parse_target(std::string_view raw);

// Cursors are the store's; whatever could not have been made by one is refused here.
[[nodiscard]] Status check_cursor(std::string_view cursor);

// The value of a cookie in a Cookie header; empty where there is none.
[[nodiscard]] std::string_view find_cookie(std::string_view header, std::string_view name);

}  // namespace chieng::server
