// What SSH offers to rules, and the numbers by which its parts speak of it.
#pragma once

#include <cstdint>

#include "core/inspect/catalogue.h"

namespace chieng::collector::ssh {

// Progress of either side. banner: its version line is in; keys: its KEXINIT is in; complete: it
// encrypts from here on.
enum class Progress : std::uint8_t { none, banner, keys, complete };

enum class Buffer : std::uint8_t {
  proto,
  software,
  hassh,
  hassh_text,
  hassh_server,
  hassh_server_text
};
enum class Event : std::uint16_t { invalid_banner, long_banner, invalid_record, long_kex_record };

enum class Frame : std::uint8_t { record_hdr, record_data, record_pdu };

extern const ProtocolSpec kSpec;

}  // namespace chieng::collector::ssh
