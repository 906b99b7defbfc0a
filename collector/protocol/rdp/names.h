// Names of numbers in RDP's opening messages ([MS-RDPBCGR] 2.2.1), and of builds and languages.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace chieng::collector::rdp {

struct Named {
  std::uint32_t value;
  std::string_view name;
};

// Empty where there is no name.
[[nodiscard]] std::string_view protocol_name(std::uint32_t protocol);
[[nodiscard]] std::string_view failure_name(std::uint32_t code);
[[nodiscard]] std::string_view version_name(std::uint32_t version);
[[nodiscard]] std::string_view build_name(std::uint32_t build);
[[nodiscard]] std::string_view language_name(std::uint32_t layout);
[[nodiscard]] std::string_view keyboard_name(std::uint32_t type);
[[nodiscard]] std::string_view hint_name(std::uint8_t hint);
// Bits.
[[nodiscard]] std::span<const Named> request_flags();
[[nodiscard]] std::span<const Named> response_flags();
[[nodiscard]] std::span<const Named> capabilities();

}  // namespace chieng::collector::rdp
