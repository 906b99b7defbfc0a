#include "collector/packet/decoder.h"

#include <array>

#include "collector/packet/layers.h"

namespace chieng::collector {
namespace {

using LayerDecoder = Next (*)(Decoded&, Bytes);
constexpr std::size_t kLayers = static_cast<std::size_t>(Layer::count_);
// More nested headers than any real packet has; what goes deeper is an attempt to make us work.
constexpr int kMaxLayers = 16;

constexpr std::array<LayerDecoder, kLayers> make_table() {
  std::array<LayerDecoder, kLayers> table{};
  const auto set = [&table](Layer layer, LayerDecoder decoder) {
    table[static_cast<std::size_t>(layer)] = decoder;
  };
  set(Layer::ethernet, decode_ethernet);
  set(Layer::vlan, decode_vlan);
  set(Layer::cooked, decode_cooked);
  set(Layer::cooked2, decode_cooked2);
  set(Layer::raw_ip, decode_raw_ip);
  set(Layer::null_loopback, decode_null_loopback);
  set(Layer::arp, decode_arp);
  set(Layer::ipv4, decode_ipv4);
  set(Layer::ipv6, decode_ipv6);
  set(Layer::tcp, decode_tcp);
  set(Layer::udp, decode_udp);
  set(Layer::icmp, decode_icmp);
  set(Layer::icmpv6, decode_icmpv6);
  set(Layer::sctp, decode_sctp);
  set(Layer::igmp, decode_igmp);
  set(Layer::esp, decode_esp);
  set(Layer::gre, decode_gre);
  set(Layer::ppp, decode_ppp);
  set(Layer::pppoe_session, decode_pppoe_session);
  set(Layer::pppoe_discovery, decode_pppoe_discovery);
  set(Layer::mpls, decode_mpls);
  set(Layer::ip_in_ip, decode_ip_in_ip);
  set(Layer::ipv6_in_ip, decode_ipv6_in_ip);
  set(Layer::vntag, decode_vntag);
  set(Layer::etag, decode_etag);
  set(Layer::ieee8021ah, decode_8021ah);
  set(Layer::dce, decode_dce);
  set(Layer::nsh, decode_nsh);
  set(Layer::ieee80211, decode_80211);
  set(Layer::radiotap, decode_radiotap);
  set(Layer::prism, decode_prism);
  set(Layer::chdlc, decode_chdlc);
  set(Layer::serial, decode_serial);
  set(Layer::ppp_with_direction, decode_ppp_with_direction);
  set(Layer::nflog, decode_nflog);
  set(Layer::enc, decode_enc);
  return table;
}
constexpr auto kTable = make_table();

struct EtherTypeRow {
  std::uint16_t type;
  Layer layer;
};
constexpr EtherTypeRow kEtherTypes[] = {
    {0x0800, Layer::ipv4},          {0x86dd, Layer::ipv6},
    {0x8100, Layer::vlan},          {0x88a8, Layer::vlan},
    {0x9100, Layer::vlan},          {0x0806, Layer::arp},
    {0x8864, Layer::pppoe_session}, {0x8863, Layer::pppoe_discovery},
    {0x8847, Layer::mpls},          {0x8848, Layer::mpls},
    {0x8926, Layer::vntag},         {0x893f, Layer::etag},
    {0x88e7, Layer::ieee8021ah},    {0x8903, Layer::dce},
    {0x894f, Layer::nsh},           {0x6558, Layer::ethernet},
};

struct IpProtocolRow {
  std::uint8_t proto;
  Layer layer;
};
constexpr IpProtocolRow kIpProtocols[] = {
    {ip_proto::tcp, Layer::tcp},       {ip_proto::udp, Layer::udp},   {ip_proto::icmp, Layer::icmp},
    {ip_proto::icmpv6, Layer::icmpv6}, {ip_proto::sctp, Layer::sctp}, {ip_proto::igmp, Layer::igmp},
    {ip_proto::esp, Layer::esp},       {ip_proto::gre, Layer::gre},   {4, Layer::ip_in_ip},
    {41, Layer::ipv6_in_ip},
};

struct LinkRow {
  int link_type;
  Layer layer;
};  // libpcap's DLT_ numbers, and LINKTYPE_ where files carry them
constexpr LinkRow kLinks[] = {
    {1, Layer::ethernet},
    {12, Layer::raw_ip},
    {14, Layer::raw_ip},
    {101, Layer::raw_ip},
    {228, Layer::ipv4},
    {229, Layer::ipv6},
    {0, Layer::null_loopback},
    {108, Layer::null_loopback},
    {113, Layer::cooked},
    {276, Layer::cooked2},
    {9, Layer::ppp},
    {50, Layer::serial},
    {51, Layer::pppoe_session},
    {104, Layer::chdlc},
    {105, Layer::ieee80211},
    {109, Layer::enc},
    {119, Layer::prism},
    {127, Layer::radiotap},
    {163, Layer::prism},
    {166, Layer::ppp_with_direction},
    {204, Layer::ppp_with_direction},
    {219, Layer::mpls},
    {239, Layer::nflog},
};

Layer layer_of_link(int link_type) {
  for (const LinkRow& row : kLinks)
    if (row.link_type == link_type) return row.layer;
  return Layer::none;
}

void run(Decoded& out, Next next) {
  for (int depth = 0; next.layer != Layer::none; ++depth) {
    if (depth == kMaxLayers) {
      out.event(PacketEvent::too_many_layers);
      break;
    }
    next = kTable[static_cast<std::size_t>(next.layer)](out, next.bytes);
  }
  out.view.events = out.events.view();
}

void reset(Decoded& out, bool checksums) {
  if (out.view.is_fragment) out.fragment = Fragment{};
  out.view = PacketView{};
  out.events.clear();
  out.tcp = TcpOptions{};
  out.tunnel = Tunnel{};
  out.quoted = Quoted{};
  out.icmp_error = false;
  out.invalid = false;
  out.validate = checksums;
}

}  // namespace

Layer layer_of_ether_type(std::uint16_t type) {
  for (const EtherTypeRow& row : kEtherTypes)
    if (row.type == type) return row.layer;
  return Layer::none;
}

Layer layer_of_ip_protocol(std::uint8_t proto) {
  for (const IpProtocolRow& row : kIpProtocols)
    if (row.proto == proto) return row.layer;
  return Layer::none;
}

void decode_frame(const Frame& frame, std::uint64_t number, bool checksums, Decoded& out) {
  reset(out, checksums);
  PacketView& view = out.view;
  view.time = frame.time;
  view.number = number;
  view.wire_length = frame.wire_length;
  view.link_type = static_cast<std::uint32_t>(frame.link_type);
  view.frame = frame.bytes;
  run(out, {layer_of_link(frame.link_type), frame.bytes});
}

namespace {

void begin_inner(const PacketView& carrier, Layer layer, Bytes bytes, PacketView& view) {
  view.time = carrier.time;
  view.number = carrier.number;
  view.wire_length = static_cast<std::uint32_t>(bytes.size());
  view.link_type = layer == Layer::ethernet ? 1 : 12;  // 12: the bytes begin with an IP header
  view.frame = bytes;
}

}  // namespace

void decode_inner(const PacketView& carrier, Layer layer, Bytes bytes, bool checksums,
                  Decoded& out) {
  reset(out, checksums);
  PacketView& view = out.view;
  begin_inner(carrier, layer, bytes, view);
  if (!carrier.ip_header.empty() && !carrier.frame.empty())  // the link header counts as its own
    view.wire_length += static_cast<std::uint32_t>(carrier.ip_header.data() - carrier.frame.data());
  view.vlan = carrier.vlan;
  view.vlan_count = carrier.vlan_count;
  view.carrier = carrier.carrier;
  view.depth = carrier.depth;
  view.source = PacketSource::defrag;
  run(out, {layer, bytes});
}

void decode_tunnel(const PacketView& carrier, const Tunnel& tunnel, bool checksums, Decoded& out) {
  reset(out, checksums);
  PacketView& view = out.view;
  begin_inner(carrier, tunnel.layer, tunnel.bytes, view);
  view.wire_length += static_cast<std::uint32_t>(tunnel.in_front);
  if (tunnel.vlan != 0) view.vlan[view.vlan_count++] = tunnel.vlan;
  view.carrier = &carrier;
  view.depth = static_cast<std::uint8_t>(carrier.depth + 1);
  view.source = tunnel.source;
  run(out, {tunnel.layer, tunnel.bytes});
}

}  // namespace chieng::collector
