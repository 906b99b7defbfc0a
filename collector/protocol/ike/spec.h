// What IKE offers to rules, and the numbers by which its parts speak of it.
#pragma once

#include <cstdint>

#include "core/inspect/catalogue.h"

namespace chieng::collector::ike {

enum class Buffer : std::uint8_t { init_spi, resp_spi, vendor, key_exchange, nonce };
// After these: the attributes that the responder chose, kAttributes of them in the order of their
// numbers from 1.
enum class Integer : std::uint8_t { exchange, key_exchange_length, nonce_length, attributes };
inline constexpr unsigned kAttributes = 16;

enum class Event : std::uint16_t {
  malformed_data,
  no_encryption,
  weak_crypto_enc,
  weak_crypto_prf,
  weak_crypto_dh,
  weak_crypto_auth,
  weak_crypto_no_dh,
  weak_crypto_no_auth,
  invalid_proposal,
  unknown_proposal,
  payload_extra_data,
  multiple_server_proposal
};

extern const ProtocolSpec kSpec;

}  // namespace chieng::collector::ike
