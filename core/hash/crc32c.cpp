#include "core/hash/crc32c.h"

#include <array>
#include <cstring>

namespace chieng {
namespace {

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t v = i;
    for (int bit = 0; bit < 8; ++bit) v = (v >> 1) ^ ((v & 1) != 0 ? 0x82f63b78u : 0u);
    table[i] = v;
  }
  return table;
}
constexpr auto kTable = make_table();

std::uint32_t by_table(Bytes data, std::uint32_t crc) {
  for (const std::byte b : data)
    crc = kTable[(crc ^ std::to_integer<std::uint32_t>(b)) & 0xff] ^ (crc >> 8);
  return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t by_instruction(Bytes data, std::uint32_t crc) {
  std::uint64_t v = crc;
  const std::byte* at = data.data();
  std::size_t left = data.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    v = __builtin_ia32_crc32di(v, word);
  }
  auto out = static_cast<std::uint32_t>(v);
  for (; left > 0; --left, ++at)
    out = __builtin_ia32_crc32qi(out, std::to_integer<unsigned char>(*at));
  return out;
}
#endif

}  // namespace

std::uint32_t crc32c(Bytes data, std::uint32_t crc) {
#if defined(__x86_64__)
  static const bool fast = __builtin_cpu_supports("sse4.2");
  if (fast) return ~by_instruction(data, ~crc);
#endif
  return ~by_table(data, ~crc);
}

}  // namespace chieng
