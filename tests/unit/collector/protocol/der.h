// Builds DER values for tests: der(0x30, der_integer(5) + der_text("a")).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace chieng::collector::test {

inline std::string der(unsigned tag, std::string_view content) {
  std::string out(1, static_cast<char>(tag));
  if (content.size() < 128) {
    out += static_cast<char>(content.size());
  } else {
    out += '\x82';
    out += static_cast<char>(content.size() >> 8);
    out += static_cast<char>(content.size());
  }
  return out + std::string(content);
}
inline std::string der_integer(std::int64_t n, unsigned tag = 2) {
  std::string bytes;
  do {
    bytes.insert(bytes.begin(), static_cast<char>(n));
    n >>= 8;
  } while (!((n == 0 && (bytes[0] & 0x80) == 0) || (n == -1 && (bytes[0] & 0x80) != 0)));
  return der(tag, bytes);
}
inline std::string der_text(std::string_view text, unsigned tag = 4) {
  return der(tag, text);
}
inline std::string der_sequence(std::string_view content) {
  return der(0x30, content);
}
// [n] EXPLICIT
inline std::string der_field(unsigned n, std::string_view content) {
  return der(0xa0 | n, content);
}

}  // namespace chieng::collector::test
