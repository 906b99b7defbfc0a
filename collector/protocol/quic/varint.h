// QUIC's variable-length integer (RFC 9000 section 16).
#pragma once

#include "core/bytes/reader.h"

namespace chieng::collector::quic {

// 0 and a failed reader where the bytes end too early.
[[nodiscard]] inline std::uint64_t varint(Reader& in) {
  const std::uint8_t first = in.u8();
  std::uint64_t value = first & 0x3f;
  for (unsigned left = (1u << (first >> 6)) - 1; left > 0; --left) value = value << 8 | in.u8();
  return in.ok() ? value : 0;
}

}  // namespace chieng::collector::quic
