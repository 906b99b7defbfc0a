// CRC-32C (Castagnoli, RFC 3720 appendix B.4). Debian 12 packages no C++ library for it. Uses the
// SSE 4.2 instruction where the CPU has it, a table elsewhere.
#pragma once

#include <cstdint>

#include "core/bytes/bytes.h"

namespace chieng {

// crc: the result over the bytes before, 0 at the start.
[[nodiscard]] std::uint32_t crc32c(Bytes data, std::uint32_t crc = 0);

}  // namespace chieng
