// Bytes as the project passes them: spans of std::byte for input, string_view for text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace chieng {

using Bytes = std::span<const std::byte>;

[[nodiscard]] inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
[[nodiscard]] inline Bytes as_bytes(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const std::byte*>(data), size};
}

[[nodiscard]] std::string to_hex(Bytes bytes);  // lower case, no separator
[[nodiscard]] bool from_hex(std::string_view hex,
                            std::string& out);  // false: odd length or not hex
[[nodiscard]] std::string to_base64(Bytes bytes);
void append_base64(std::string& out, Bytes bytes);

}  // namespace chieng
