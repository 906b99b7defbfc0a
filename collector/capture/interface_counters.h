// What the kernel says of an interface: losses before a capture sees a packet, and whether cards or
// kernels put packets together.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace chieng::collector {

struct InterfaceCounters {
  std::uint64_t packets = 0;  // that the interface received
  std::uint64_t dropped = 0;  // by the card or its driver, for want of room, before any capture
};
// Nothing for what is not an interface, such as "any".
[[nodiscard]] std::optional<InterfaceCounters> interface_counters(const std::string& interface);

}  // namespace chieng::collector
