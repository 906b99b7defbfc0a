// CRC-32 of IEEE 802.3, for values that other tools print as such (hashes of file handles).
#pragma once

#include <cstdint>

#include "core/bytes/bytes.h"

namespace chieng {

[[nodiscard]] std::uint32_t crc32(Bytes data);

}  // namespace chieng
