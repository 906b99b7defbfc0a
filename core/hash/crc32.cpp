#include "core/hash/crc32.h"

#include <array>

namespace chieng {
namespace {

constexpr std::uint32_t kPolynomial = 0xedb88320;  // reflected

constexpr std::array<std::uint32_t, 256> kTable = [] {
  std::array<std::uint32_t, 256> out{};
  for (std::uint32_t i = 0; i < out.size(); ++i) {
    std::uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = (c & 1) != 0 ? kPolynomial ^ (c >> 1) : c >> 1;
    out[i] = c;
  }
  return out;
}();

}  // namespace

std::uint32_t crc32(Bytes data) {
  std::uint32_t crc = ~std::uint32_t{0};
  for (const std::byte b : data)
    crc = kTable[(crc ^ std::to_integer<std::uint32_t>(b)) & 0xff] ^ (crc >> 8);
  return ~crc;
}

}  // namespace chieng
