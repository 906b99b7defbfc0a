// zstd with a hard cap on what comes out. The only place that includes zstd.h.
#pragma once

#include <string>

#include "core/bytes/bytes.h"
#include "core/error/result.h"

namespace chieng {

[[nodiscard]] Result<std::string> zstd_compress(Bytes plain);
// The frame must state its size and the size must be at most limit; nothing is allocated before
// that is known.
[[nodiscard]] Result<std::string> zstd_decompress(Bytes compressed, std::size_t limit);

}  // namespace chieng
