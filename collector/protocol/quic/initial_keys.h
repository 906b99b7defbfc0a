// Takes the protection off Initial packets (RFC 9001 sections 5.2 to 5.4, RFC 9369 section 3.3).
// Its keys follow from the connection id that the client chose first: anybody who sees the packet
// can.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "collector/protocol/quic/header.h"
#include "core/inspect/catalogue.h"

namespace chieng::collector::quic {

// Made of a connection id; plain values.
class InitialKeys {
 public:
  InitialKeys(std::uint32_t version, Bytes destination);

  // packet: from the header's first byte to the end of the packet. out: the frames. False: the
  // packet was not made with these keys.
  [[nodiscard]] bool open(Direction sender, Bytes packet, std::size_t header_size,
                          std::string& out) const;

 private:
  struct Keys {
    std::array<unsigned char, 16> key{}, mask{};
    std::array<unsigned char, 12> iv{};
  };
  std::array<Keys, 2> keys_;  // by sender
};

}  // namespace chieng::collector::quic
