// The Internet checksum (RFC 1071) over any number of pieces.
#pragma once

#include <cstdint>

#include "core/inspect/packet.h"

namespace chieng::collector {

class InternetChecksum {
 public:
  // Pieces but the last have to be of even length.
  void add(Bytes bytes);
  void add_u16(std::uint16_t value) { sum_ += __builtin_bswap16(value); }
  // 0 where the data includes a right checksum.
  [[nodiscard]] std::uint16_t finish() const;

 private:
  std::uint64_t sum_ = 0;  // of words in memory order: the checksum does not mind the byte order
};

// TCP, UDP and ICMPv6: over the pseudo header of the packet's addresses and the whole segment.
[[nodiscard]] ChecksumState transport_checksum(const PacketView& packet, std::uint8_t proto,
                                               Bytes segment);

}  // namespace chieng::collector
