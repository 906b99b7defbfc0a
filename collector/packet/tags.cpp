// Headers that switches put between Ethernet's addresses and what it carries.
#include "collector/packet/decoder.h"
#include "collector/packet/layers.h"
#include "core/bytes/reader.h"

namespace chieng::collector {
namespace {

Next by_ether_type(Decoded& out, std::uint16_t type, Bytes rest, PacketEvent unknown) {
  out.view.ether_type = type;
  const Layer next = layer_of_ether_type(type);
  if (next == Layer::none) out.event(unknown);
  return {next, rest};
}

// size bytes, the last two of which are the type of what follows.
Next tag(Decoded& out, Bytes bytes, std::size_t size, PacketEvent too_small, PacketEvent unknown) {
  Reader in(bytes);
  in.skip(size - 2);
  const std::uint16_t type = in.u16();
  if (!in.ok()) return out.stop(too_small);
  return by_ether_type(out, type, in.rest(), unknown);
}

}  // namespace

// Cisco's VN-Tag, between switch and virtual interface.
Next decode_vntag(Decoded& out, Bytes bytes) {
  return tag(out, bytes, 6, PacketEvent::vntag_header_too_small, PacketEvent::vntag_unknown_type);
}

// IEEE 802.1BR
Next decode_etag(Decoded& out, Bytes bytes) {
  return tag(out, bytes, 8, PacketEvent::etag_header_too_small, PacketEvent::etag_unknown_type);
}

// IEEE 802.1ah: the customer's addresses follow the service's tag.
Next decode_8021ah(Decoded& out, Bytes bytes) {
  return tag(out, bytes, 18, PacketEvent::ieee8021ah_header_too_small,
             PacketEvent::ieee8021ah_unknown_type);
}

// Cisco FabricPath: two bytes, then a whole Ethernet frame.
Next decode_dce(Decoded& out, Bytes bytes) {
  if (bytes.size() < 2) return out.stop(PacketEvent::dce_pkt_too_small);
  return {Layer::ethernet, bytes.subspan(2)};
}

// RFC 8300
Next decode_nsh(Decoded& out, Bytes bytes) {
  Reader in(bytes);
  const std::uint16_t first = in.u16();
  const std::uint8_t kind = in.u8() & 15u, next = in.u8();
  in.skip(4);
  if (!in.ok()) return out.stop(PacketEvent::nsh_header_too_small);
  const std::size_t words = first & 0x3fu;
  if (first >> 14 != 0) return out.stop(PacketEvent::nsh_unsupported_version);
  if (words < 2 || words * 4 > bytes.size() || (kind == 1 && words != 6))
    return out.stop(PacketEvent::nsh_bad_header_length);
  if (kind == 0) return out.stop(PacketEvent::nsh_reserved_type);
  if (kind > 2) return out.stop(PacketEvent::nsh_unsupported_type);
  const Bytes rest = bytes.subspan(words * 4);
  switch (next) {
    case 1:
      return {Layer::ipv4, rest};
    case 2:
      return {Layer::ipv6, rest};
    case 3:
      return {Layer::ethernet, rest};
    case 5:
      return {Layer::mpls, rest};
    default:
      return out.stop(PacketEvent::nsh_unknown_payload);
  }
}

}  // namespace chieng::collector
