// Ethernet inside of UDP or GRE: what it carries becomes Decoded::tunnel.
#include "collector/packet/layers.h"
#include "core/bytes/reader.h"

namespace chieng::collector {
namespace {

constexpr std::uint16_t kVxlanPort = 4789, kGenevePort = 6081, kEthernetBridging = 0x6558;

// RFC 7348
void vxlan(Decoded& out) {
  Reader in(out.view.payload);
  const std::uint8_t flags = in.u8();
  in.skip(7);
  constexpr std::uint8_t has_network = 0x08;
  if (in.ok() && (flags & has_network) != 0 && !in.at_end())
    out.tunnel = {Layer::ethernet, in.rest()};
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
    out.tunnel = {Layer::ethernet, in.rest()};
  else if (protocol == 0x0800)
    out.tunnel = {Layer::ipv4, in.rest()};
  else if (protocol == 0x86dd)
    out.tunnel = {Layer::ipv6, in.rest()};
  else
    out.event(PacketEvent::geneve_unknown_payload_type);
}

}  // namespace

void look_into_udp(Decoded& out) {
  if (out.view.dst_port == kVxlanPort)
    vxlan(out);
  else if (out.view.dst_port == kGenevePort)
    geneve(out);
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
  out.tunnel = {Layer::ethernet, in.rest(), vlan};
  return {};
}

}  // namespace chieng::collector
