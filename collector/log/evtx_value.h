// Typed values of binary XML as text.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/bytes/bytes.h"

namespace chieng::collector {

namespace evtx {

inline constexpr std::uint8_t type_null = 0x00, type_text = 0x01, type_xml = 0x21,
                              type_array = 0x80;

struct TypedText {
  std::string text;
  bool integer = false;
  std::int64_t number = 0;
};

void append_utf16(std::string& out, Bytes bytes);  // little-endian, up to the first NUL
// One text for a plain type, one an item for an array. Empty: nothing that can be shown.
[[nodiscard]] std::vector<TypedText> decode_value(std::uint8_t type, Bytes bytes);

}  // namespace evtx

}  // namespace chieng::collector
