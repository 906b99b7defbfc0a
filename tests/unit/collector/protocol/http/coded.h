// Compressed test data, made here so that it is known what is in it.
#pragma once

#include <string>
#include <string_view>

namespace chieng::collector::test {

[[nodiscard]] std::string gzip(std::string_view text);
[[nodiscard]] std::string zlib(std::string_view text);
[[nodiscard]] std::string raw_deflate(std::string_view text);
[[nodiscard]] std::string lzma(std::string_view text);

}  // namespace chieng::collector::test
