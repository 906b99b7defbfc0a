// Zstandard, one shot each. The only place that includes zstd.h.
#pragma once

#include <string>
#include <string_view>

#include "core/error/result.h"

namespace chieng {

[[nodiscard]] Result<std::string> zstd_compress(std::string_view plain, int level = 1);
// A frame that would grow beyond limit bytes is refused before memory is taken for it.
[[nodiscard]] Result<std::string> zstd_decompress(std::string_view frame, std::size_t limit);

}  // namespace chieng
