// Link headers that are seldom seen: https://www.tcpdump.org/linktypes.html
#include <algorithm>

#include "collector/packet/decoder.h"
#include "collector/packet/layers.h"
#include "core/bytes/reader.h"

namespace chieng::collector {

// Cisco HDLC: address, control, type.
Next decode_chdlc(Decoded& out, Bytes bytes) {
  Reader in(bytes);
  in.skip(2);
  const std::uint16_t type = in.u16();
  if (!in.ok()) return out.stop(PacketEvent::chdlc_pkt_too_small);
  out.view.ether_type = type;
  return {layer_of_ether_type(type), in.rest()};
}

// A serial line that carries either PPP (RFC 1662) or Cisco HDLC: the first byte tells.
Next decode_serial(Decoded& out, Bytes bytes) {
  if (!bytes.empty() && (bytes[0] == std::byte{0x0f} || bytes[0] == std::byte{0x8f}))
    return decode_chdlc(out, bytes);
  return decode_ppp(out, bytes);
}

// PPP with a byte in front that tells the direction.
Next decode_ppp_with_direction(Decoded& out, Bytes bytes) {
  if (bytes.empty()) return out.stop(PacketEvent::ppp_pkt_too_small);
  return decode_ppp(out, bytes.subspan(1));
}

// Linux netfilter's log: attributes, one of which is the packet.
Next decode_nflog(Decoded&, Bytes bytes) {
  Reader in(bytes);
  const std::uint8_t family = in.u8();
  in.skip(3);
  constexpr std::uint16_t payload = 9;
  while (in.ok() && in.remaining() >= 4) {
    const std::uint16_t length = in.u16le(), type = in.u16le();
    if (length < 4 || length - 4u > in.remaining()) return {};
    const Bytes value = in.take(length - 4u);
    if ((type & 0x7fff) == payload) return {family == 10 ? Layer::ipv6 : Layer::ipv4, value};
    in.skip(std::min<std::size_t>((4 - length % 4) % 4, in.remaining()));
  }
  return {};
}

// OpenBSD's IPsec device: address family in the byte order of the host, SPI, flags.
Next decode_enc(Decoded&, Bytes bytes) {
  Reader in(bytes);
  std::uint32_t family = in.u32le();
  in.skip(8);
  if (!in.ok()) return {};
  if (family > 0xffff) family = __builtin_bswap32(family);
  return {family == 2 ? Layer::ipv4 : Layer::ipv6, in.rest()};
}

}  // namespace chieng::collector
