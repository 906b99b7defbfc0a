// What a child tells the supervisor every few seconds, and what the supervisor hands on to the
// shipper: plain numbers of a fixed size, so that the supervisor, which keeps rights, parses
// nothing that a child wrote.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace chieng::agent {

enum class ChildKind : std::uint8_t { packets, logs, shipper };
inline constexpr std::size_t kChildKinds = 3;
[[nodiscard]] std::string_view to_string(ChildKind kind);

struct ChildReport {
  static constexpr std::uint32_t kMagic = 0x43525031;
  std::uint32_t magic = kMagic;
  ChildKind kind = ChildKind::packets;
  std::uint8_t ready = 0;
  std::uint16_t interfaces = 0, interfaces_down = 0;
  std::uint64_t packets = 0, dropped = 0, invalid = 0, flows = 0;
  std::uint64_t lines = 0, files = 0;
  std::uint64_t alerts = 0, events = 0, lost = 0;  // lost: could not be kept at the disk bound
  std::uint64_t rules_loaded = 0, rules_failed = 0;
  std::uint64_t spool_bytes = 0, backlog = 0, acknowledged = 0;
  std::int64_t spool_oldest = 0;  // microseconds since 1970; 0: nothing waits
  char rules_hash[65] = {};
  char state[24] = {};
  char worst_interface[32] = {};  // that drops most, and how much of what it saw
  std::uint32_t worst_loss_ppm = 0;
  char problem[256] = {};

  template <std::size_t N>
  static void put(char (&to)[N], std::string_view text) {
    const std::size_t n = text.size() < N - 1 ? text.size() : N - 1;
    std::memset(to, 0, N);
    std::memcpy(to, text.data(), n);
  }
  // Safe for a field that a child filled without an end.
  template <std::size_t N>
  [[nodiscard]] static std::string_view text(const char (&from)[N]) {
    return {from, strnlen(from, N)};
  }
};
static_assert(std::is_trivially_copyable_v<ChildReport>);

}  // namespace chieng::agent
