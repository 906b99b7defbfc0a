// What RFB offers to rules, and the numbers by which its parts speak of it.
#pragma once

#include <cstdint>

#include "core/inspect/catalogue.h"

namespace chieng::collector::rfb {

// Of both sides at once.
enum class Progress : std::uint8_t { none, security, result, complete };

enum class Buffer : std::uint8_t { name };
enum class Integer : std::uint8_t { security_type, security_result };
enum class Event : std::uint16_t {
  unimplemented_security_type,
  unknown_security_result,
  malformed_message,
  confused_state,
  too_long_string
};

// Results beyond those that have a name are one for rules.
inline constexpr std::uint32_t kUnknownResult = 3;

extern const ProtocolSpec kSpec;

}  // namespace chieng::collector::rfb
