#include "collector/protocol/http2/huffman.h"

#include <array>
#include <cstdint>

namespace chieng::collector::http2 {
namespace {

constexpr unsigned kLongest = 30;

// Bits of each symbol's code. The code is canonical: shorter codes first, symbols of one length in
// their order, so the lengths say all of it. The end-of-string symbol (30 ones) is the last.
constexpr std::array<std::uint8_t, 256> kLengths = {
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28,
    28, 28, 28, 28, 28, 28, 28, 28, 6,  10, 10, 12, 13, 6,  8,  11, 10, 10, 8,  11, 8,  6,  6,  6,
    5,  5,  5,  6,  6,  6,  6,  6,  6,  6,  7,  8,  15, 6,  12, 10, 13, 6,  7,  7,  7,  7,  7,  7,
    7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  8,  7,  8,  13, 19, 13, 14, 6,
    15, 5,  6,  5,  6,  5,  6,  6,  6,  5,  7,  7,  6,  6,  6,  5,  6,  7,  6,  5,  5,  6,  7,  7,
    7,  7,  7,  15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
    24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21,
    23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24,
    21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
    26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
};

struct Code {
  std::array<std::uint32_t, kLongest + 1> first{};  // of that length, as a number of that many bits
  std::array<std::uint16_t, kLongest + 1> count{}, offset{};  // of that length; into symbols
  std::array<std::uint8_t, 256> symbols{};                    // by length, then by value
};

constexpr Code make_code() {
  Code code;
  for (const std::uint8_t length : kLengths) ++code.count[length];
  std::uint32_t next = 0;
  std::uint16_t at = 0;
  for (unsigned length = 1; length <= kLongest; ++length) {
    next <<= 1;
    code.first[length] = next;
    code.offset[length] = at;
    for (unsigned s = 0; s < 256; ++s)
      if (kLengths[s] == length) code.symbols[at++] = static_cast<std::uint8_t>(s);
    next += code.count[length];
  }
  return code;
}

constexpr Code kCode = make_code();
static_assert(kCode.first[kLongest] + kCode.count[kLongest] + 1 == 1u << kLongest);

}  // namespace

bool decode_huffman(Bytes in, std::string& out) {
  std::uint32_t code = 0;
  unsigned length = 0;
  for (const std::byte byte : in) {
    for (int bit = 7; bit >= 0; --bit) {
      code = code << 1 | (std::to_integer<std::uint32_t>(byte) >> bit & 1u);
      if (++length > kLongest) return false;
      const std::uint32_t place = code - kCode.first[length];
      if (code < kCode.first[length] || place >= kCode.count[length]) continue;
      out += static_cast<char>(kCode.symbols[kCode.offset[length] + place]);
      code = 0;
      length = 0;
    }
  }
  return length < 8 && code == (1u << length) - 1;
}

}  // namespace chieng::collector::http2
