// Ethernet inside of UDP or GRE: what it carries becomes Decoded::tunnel.
#include <algorithm>

#include "collector/packet/layers.h"
#include "core/bytes/reader.h"

namespace chieng::collector {
namespace {

constexpr std::uint16_t kVxlanPort = 4789, kGenevePort = 6081, kTeredoPort = 3544, kGtpPort = 2152,
                        kEthernetBridging = 0x6558;

// Of an overlay's frame the packet counts, not its Ethernet header.
std::int32_t not_the_link(const Reader& in) {
  constexpr std::size_t header = 14;
  return -static_cast<std::int32_t>(std::min(header, in.remaining()));
}

// RFC 7348
void vxlan(Decoded& out) {
  Reader in(out.view.payload);
  const std::uint8_t flags = in.u8();
  in.skip(7);
  constexpr std::uint8_t has_network = 0x08;
  if (in.ok() && (flags & has_network) != 0 && !in.at_end())
    out.tunnel = {Layer::ethernet, in.rest(), PacketSource::vxlan, 0, not_the_link(in)};
}

// RFC 8926
void geneve(Decoded& out) {
  Reader in(out.view.payload);
  const std::uint8_t first = in.u8();
  in.skip(1);
  const std::uint16_t protocol = in.u16();
  in.skip(4);
  in.skip(std::size_t{first & 0x3fu} * 4);
  if (!in.ok() || first >> 6 != 0 || in.at_end()) return;
  if (protocol == kEthernetBridging)
    out.tunnel = {Layer::ethernet, in.rest(), PacketSource::geneve};
  else if (protocol == 0x0800)
    out.tunnel = {Layer::ipv4, in.rest(), PacketSource::geneve};
  else if (protocol == 0x86dd)
    out.tunnel = {Layer::ipv6, in.rest(), PacketSource::geneve};
  else
    out.event(PacketEvent::geneve_unknown_payload_type);
}

// RFC 4380 section 5.1.1: IPv6 behind an authentication header and an origin indication, both
// optional.
void teredo(Decoded& out) {
  Reader in(out.view.payload);
  constexpr std::uint16_t authentication = 0x0001, origin = 0x0000;
  if (in.remaining() >= 2 && Reader(in.rest()).u16() == authentication) {
    in.skip(2);
    const std::uint8_t id = in.u8(), value = in.u8();
    in.skip(std::size_t{id} + value + 9);  // nonce and confirmation
  }
  if (in.remaining() >= 2 && Reader(in.rest()).u16() == origin) in.skip(8);
  if (!in.ok() || in.remaining() < 40) return;
  const Bytes inner = in.rest();
  Reader header(inner);
  const std::uint32_t first = header.u32();
  const std::uint16_t length = header.u16();
  if (first >> 28 == 6 && inner.size() == 40u + length)
    out.tunnel = {Layer::ipv6, inner, PacketSource::teredo};
}

// 3GPP TS 29.281 section 5: a G-PDU carries a subscriber's packet.
void gtp(Decoded& out) {
  Reader in(out.view.payload);
  const std::uint8_t flags = in.u8(), type = in.u8();
  const std::uint16_t length = in.u16();
  in.skip(4);
  constexpr std::uint8_t user_data = 255;
  if (!in.ok() || flags >> 4 != 3 || type != user_data || length != in.remaining()) return;
  if ((flags & 7) != 0) {
    in.skip(3);
    for (std::uint8_t next = in.u8(); next != 0 && in.ok();) {
      const std::size_t words = in.u8();
      if (words == 0) return;
      in.skip(words * 4 - 2);
      next = in.u8();
    }
  }
  const std::optional<std::uint8_t> first = in.ok() ? in.peek() : std::nullopt;
  if (first && *first >> 4 == 4) out.tunnel = {Layer::ipv4, in.rest(), PacketSource::ipv4};
  if (first && *first >> 4 == 6) out.tunnel = {Layer::ipv6, in.rest(), PacketSource::ipv6};
}

}  // namespace

void look_into_udp(Decoded& out) {
  switch (out.view.dst_port) {
    case kVxlanPort:
      return vxlan(out);
    case kGenevePort:
      return geneve(out);
    case kGtpPort:
      return gtp(out);
    default:
      if (out.view.dst_port == kTeredoPort || out.view.src_port == kTeredoPort) teredo(out);
  }
}

// A mirrored frame: type I follows GRE at once, type II has a header of its own (and a GRE sequence
// number).
Next decode_erspan(Decoded& out, Bytes bytes, bool has_header) {
  Reader in(bytes);
  std::uint16_t vlan = 0;
  if (has_header) {
    const std::uint16_t version_and_vlan = in.u16();
    in.skip(6);
    if (!in.ok()) return out.stop(PacketEvent::erspan_header_too_small);
    if (version_and_vlan >> 12 != 1) return out.stop(PacketEvent::erspan_unsupported_version);
    vlan = version_and_vlan & 0x0fffu;
  }
  out.tunnel = {Layer::ethernet, in.rest(), PacketSource::gre, vlan, has_header ? 8 : 0};
  return {};
}

}  // namespace chieng::collector
