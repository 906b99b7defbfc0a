// Little-endian writing for the formats of this folder; reading is core's Reader.
#pragma once

#include <cstdint>
#include <string>

#include "core/bytes/bytes.h"
#include "core/event/envelope.h"

namespace chieng {

template <class T>
void put_le(std::string& out, T value) {
  for (unsigned i = 0; i < sizeof(T); ++i)
    out += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xff);
}
inline void put_uuid(std::string& out, const Uuid& id) {
  out.append(as_text(as_bytes(id.bytes.data(), id.bytes.size())));
}

}  // namespace chieng
