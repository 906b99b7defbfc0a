// How long a body is, by its headers, leniently.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace chieng::collector::http {

struct ContentLength {
  std::optional<std::uint64_t> value;  // the first run of digits
  bool junk_before = false, junk_after = false;
};
[[nodiscard]] ContentLength parse_content_length(std::string_view value);
// Whether a Transfer-Encoding names chunked anywhere.
[[nodiscard]] bool means_chunked(std::string_view value);

}  // namespace chieng::collector::http
