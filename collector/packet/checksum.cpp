#include "collector/packet/checksum.h"

#include <cstring>

namespace chieng::collector {

void InternetChecksum::add(Bytes bytes) {
  static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
  const std::byte* p = bytes.data();
  std::size_t n = bytes.size();
  std::uint64_t sum = sum_;
  for (; n >= 8; n -= 8, p += 8) {
    std::uint64_t word;
    std::memcpy(&word, p, 8);
    sum += word & 0xffffffffu;
    sum += word >> 32;
  }
  for (; n >= 2; n -= 2, p += 2) {
    std::uint16_t word;
    std::memcpy(&word, p, 2);
    sum += word;
  }
  if (n == 1) sum += std::to_integer<std::uint64_t>(*p);
  sum_ = sum;
}

std::uint16_t InternetChecksum::finish() const {
  std::uint64_t sum = sum_;
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum & 0xffff);
}

ChecksumState transport_checksum(const PacketView& packet, std::uint8_t proto, Bytes segment) {
  InternetChecksum sum;
  sum.add(packet.src.raw());
  sum.add(packet.dst.raw());
  sum.add_u16(proto);
  sum.add_u16(static_cast<std::uint16_t>(segment.size()));
  sum.add_u16(static_cast<std::uint16_t>(segment.size() >> 16));
  sum.add(segment);
  return sum.finish() == 0 ? ChecksumState::valid : ChecksumState::invalid;
}

}  // namespace chieng::collector
