// What a point of each DNP3 object consists of (IEEE 1815 annex A): names as EVE has them, widths
// in the order of the wire. Static data.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace chieng::collector::dnp3 {

// One byte of flags, from its lowest bit on.
struct Bit {
  const char* name;
  std::uint8_t width;
};

enum class Kind : std::uint8_t {
  none,
  bits,        // a byte of flags
  packed,      // points of 1 or 2 bits, put together into bytes; the only field of its object
  number,      // unsigned, little-endian
  signed_int,  // little-endian
  f32,
  f64,
  text,       // as long as the field at `length` says
  text_rest,  // what is left of the object's size prefix
  c_text,     // `width` bytes that end at the first zero
  blob,       // base64; as long as the field at `length` says
  blob_rest
};

struct Field {
  const char* name = nullptr;
  Kind kind = Kind::none;
  std::uint8_t width = 0;   // bytes, or bits where packed
  std::uint8_t length = 0;  // position of the field that holds the length
  std::span<const Bit> set = {};
};

struct Layout {
  static constexpr std::size_t kMostFields = 17;
  std::uint8_t group, variation;
  std::array<Field, kMostFields> fields;  // ends at the first Kind::none
};

// Null: an object whose points are not known.
[[nodiscard]] const Layout* find_layout(std::uint8_t group, std::uint8_t variation);

}  // namespace chieng::collector::dnp3
