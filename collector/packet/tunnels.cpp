// Headers that carry whole packets. What they carry becomes Decoded::tunnel and is decoded as a
// packet of its own.
#include "collector/packet/decoder.h"
#include "collector/packet/layers.h"
#include "core/bytes/reader.h"

namespace chieng::collector {
namespace {

Next carry(Decoded& out, Layer layer, Bytes bytes, PacketSource source) {
  out.tunnel = {layer, bytes, source};
  return {};
}

// RFC 1701 section 2: source route entries end with one of length 0.
bool skip_routes(Reader& in) {
  while (in.ok()) {
    const std::uint16_t family = in.u16();
    in.skip(1);
    const std::uint8_t length = in.u8();
    if (!in.ok()) return false;
    if (family == 0 && length == 0) return true;
    in.skip(length);
  }
  return false;
}

Layer layer_of_gre(std::uint16_t protocol) {
  if (protocol == 0x880b) return Layer::ppp;
  if (protocol == 0x6558) return Layer::ethernet;
  return layer_of_ether_type(protocol);
}

}  // namespace

// RFC 2784, RFC 2890, RFC 2637 (version 1, with PPP inside)
Next decode_gre(Decoded& out, Bytes bytes) {
  Reader in(bytes);
  const std::uint16_t flags = in.u16(), protocol = in.u16();
  if (!in.ok()) return out.stop(PacketEvent::gre_pkt_too_small);
  const bool checksum = (flags & 0x8000) != 0, routing = (flags & 0x4000) != 0,
             key = (flags & 0x2000) != 0, sequence = (flags & 0x1000) != 0;
  const unsigned version = flags & 7;
  if (version > 1) return out.stop(PacketEvent::gre_wrong_version);
  if (version == 1) {
    if (checksum) return out.stop(PacketEvent::gre_version1_chksum);
    if (routing) return out.stop(PacketEvent::gre_version1_route);
    if (!key) return out.stop(PacketEvent::gre_version1_no_key);
    if (protocol != 0x880b) return out.stop(PacketEvent::gre_version1_wrong_protocol);
  }
  if (checksum || routing) in.skip(4);
  if (key) in.skip(4);
  if (sequence) in.skip(4);
  if (version == 1 && (flags & 0x80) != 0) in.skip(4);  // acknowledgement
  const PacketEvent too_big =
      version == 0 ? PacketEvent::gre_version0_hdr_too_big : PacketEvent::gre_version1_hdr_too_big;
  if (!in.ok()) return out.stop(too_big);
  if (routing && !skip_routes(in)) return out.stop(PacketEvent::gre_version0_malformed_sre_hdr);
  constexpr std::uint16_t erspan = 0x88be;
  if (protocol == erspan) return decode_erspan(out, in.rest(), sequence);
  return carry(out, layer_of_gre(protocol), in.rest(), PacketSource::gre);
}

// RFC 1661: also without the address and control bytes, and with a protocol of one byte.
Next decode_ppp(Decoded& out, Bytes bytes) {
  Reader in(bytes);
  if (bytes.size() >= 2 && bytes[0] == std::byte{0xff} && bytes[1] == std::byte{0x03}) in.skip(2);
  std::uint16_t protocol = in.u8();
  if ((protocol & 1) == 0) protocol = static_cast<std::uint16_t>(protocol << 8 | in.u8());
  if (!in.ok()) return out.stop(PacketEvent::ppp_pkt_too_small);
  switch (protocol) {
    case 0x0021:
      if (in.remaining() < 20) return out.stop(PacketEvent::ppp_ip4_pkt_too_small);
      return {Layer::ipv4, in.rest()};
    case 0x002f:
      if (in.remaining() < 20) return out.stop(PacketEvent::ppp_vju_pkt_too_small);
      return {Layer::ipv4, in.rest()};
    case 0x0057:
      if (in.remaining() < 40) return out.stop(PacketEvent::ppp_ip6_pkt_too_small);
      return {Layer::ipv6, in.rest()};
    default:
      break;
  }
  if (protocol >= 0x8000) return {};  // control protocols are right but carry nothing for us
  const bool known = protocol >= 0x4000 || protocol == 0x002d || protocol == 0x003d;
  out.event(known ? PacketEvent::ppp_unsup_proto : PacketEvent::ppp_wrong_type);
  return {};
}

// RFC 2516
Next decode_pppoe_session(Decoded& out, Bytes bytes) {
  Reader in(bytes);
  in.skip(1);
  const std::uint8_t code = in.u8();
  in.skip(4);
  if (!in.ok()) return out.stop(PacketEvent::pppoe_pkt_too_small);
  if (code != 0) return out.stop(PacketEvent::pppoe_wrong_code);
  return {Layer::ppp, in.rest()};
}

Next decode_pppoe_discovery(Decoded& out, Bytes bytes) {
  Reader in(bytes);
  in.skip(1);
  const std::uint8_t code = in.u8();
  in.skip(2);
  const std::uint16_t length = in.u16();
  if (!in.ok()) return out.stop(PacketEvent::pppoe_pkt_too_small);
  if (code != 0x09 && code != 0x07 && code != 0x19 && code != 0x65 && code != 0xa7)
    return out.stop(PacketEvent::pppoe_wrong_code);
  if (length > in.remaining()) return out.stop(PacketEvent::pppoe_malformed_tags);
  Reader tags = in.sub(length);
  while (tags.remaining() >= 4) {
    tags.skip(2);
    tags.skip(tags.u16());
    if (!tags.ok()) return out.stop(PacketEvent::pppoe_malformed_tags);
  }
  return {};
}

// RFC 3032: labels up to the bottom of the stack; what follows is told by its first half-byte.
Next decode_mpls(Decoded& out, Bytes bytes) {
  Reader in(bytes);
  std::uint32_t entry = 0;
  do {
    entry = in.u32();
    if (!in.ok()) return out.stop(PacketEvent::mpls_header_too_small);
  } while ((entry & 0x100) == 0);
  switch (entry >> 12) {
    case 0:
      return {Layer::ipv4, in.rest()};
    case 1:
      out.event(PacketEvent::mpls_bad_label_router_alert);
      return {};
    case 2:
      return {Layer::ipv6, in.rest()};
    case 3:
      out.event(PacketEvent::mpls_bad_label_implicit_null);
      break;
    default:
      if (entry >> 12 < 16) out.event(PacketEvent::mpls_bad_label_reserved);
  }
  const std::optional<std::uint8_t> first = in.peek();
  if (!first) return out.stop(PacketEvent::mpls_pkt_too_small);
  switch (*first >> 4) {
    case 4:
      return {Layer::ipv4, in.rest()};
    case 6:
      return {Layer::ipv6, in.rest()};
    case 0:  // pseudo-wire control word, then Ethernet (RFC 4448)
      in.skip(4);
      return {Layer::ethernet, in.rest()};
    default:
      return out.stop(PacketEvent::mpls_unknown_payload_type);
  }
}

Next decode_ip_in_ip(Decoded& out, Bytes bytes) {
  if (out.view.ip_version == 6) {
    if (bytes.size() < 20) return out.stop(PacketEvent::ipv6_ipv4_in_ipv6_too_small);
    if (std::to_integer<unsigned>(bytes[0]) >> 4 != 4)
      return out.stop(PacketEvent::ipv6_ipv4_in_ipv6_wrong_version);
  }
  return carry(out, Layer::ipv4, bytes, PacketSource::ipv4);
}

Next decode_ipv6_in_ip(Decoded& out, Bytes bytes) {
  if (out.view.ip_version == 6) {
    if (bytes.size() < 40) return out.stop(PacketEvent::ipv6_ipv6_in_ipv6_too_small);
    if (std::to_integer<unsigned>(bytes[0]) >> 4 != 6)
      return out.stop(PacketEvent::ipv6_ipv6_in_ipv6_wrong_version);
  }
  return carry(out, Layer::ipv6, bytes, PacketSource::ipv6);
}

}  // namespace chieng::collector
