// Content-Range (RFC 9110 14.4).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace chieng::collector::http {

struct ContentRange {
  std::optional<std::uint64_t> start, end;  // both or none
  std::optional<std::uint64_t> size;        // of the whole; none: "*"
};
[[nodiscard]] std::optional<ContentRange> parse_content_range(std::string_view value);

}  // namespace chieng::collector::http
