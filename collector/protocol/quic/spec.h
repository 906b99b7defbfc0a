// What QUIC offers to rules, and the numbers by which its parts speak of it.
#pragma once

#include <cstdint>

#include "core/inspect/catalogue.h"

namespace chieng::collector::quic {

enum class Buffer : std::uint8_t {
  version,
  sni,
  user_agent,
  cyu_hash,
  cyu_text,
  ja3_hash,
  ja3_text,
  ja3s_hash,
  ja3s_text,
  ja4,
  tls_sni,
  tls_alpn
};
enum class Event : std::uint16_t { failed_decrypt, error_on_data, crypto_frag_too_long };

extern const ProtocolSpec kSpec;

}  // namespace chieng::collector::quic
