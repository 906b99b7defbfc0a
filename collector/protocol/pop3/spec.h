// What POP3 offers to rules: its events.
#pragma once

#include <cstdint>

#include "core/inspect/catalogue.h"

namespace chieng::collector::pop3 {

inline constexpr std::uint8_t kComplete = 1;  // progress of either side

// Position in kSpec.events.
enum class Event : std::uint16_t {
  too_many_transactions,
  request_too_long,
  incorrect_argument_count,
  unknown_command,
  response_too_long,
};

extern const ProtocolSpec kSpec;

}  // namespace chieng::collector::pop3
