// A QUIC packet's header as far as it is not protected (RFC 9000 section 17.2, RFC 9369
// section 3.2) and those of Google's QUIC (Q024 to Q046).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/bytes/bytes.h"

namespace chieng::collector::quic {

enum class Kind : std::uint8_t { initial, zero_rtt, handshake, retry, negotiation, google };

struct Header {
  Kind kind = Kind::initial;
  std::uint32_t version = 0;
  Bytes destination, source;  // connection ids; at most 20 bytes, views into the datagram
  std::size_t size = 0;       // up to the protected packet number; of google: up to the frames
  std::size_t length = 0;     // of what follows the header and belongs to the packet
};

// The packet at the beginning of data. Nothing for a short header, and for what is no QUIC.
[[nodiscard]] std::optional<Header> parse_header(Bytes data);

inline constexpr std::uint32_t kVersion2 = 0x6b3343cf;
[[nodiscard]] bool is_google(std::uint32_t version);  // with its own headers or its own hello
[[nodiscard]] bool is_known(std::uint32_t version);   // one that exists: 1, 2, drafts, Google's
[[nodiscard]] std::string version_text(std::uint32_t version);  // EVE's: "1", "v2", "Q046", hex

}  // namespace chieng::collector::quic
