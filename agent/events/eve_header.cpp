#include "agent/events/eve_header.h"

#include "core/inspect/rule_metadata.h"

#include <array>

namespace chieng::agent {
namespace {

const std::array<std::string, 256>& number_texts() {
  static const auto texts = [] {
    std::array<std::string, 256> out;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::to_string(i);
    return out;
  }();
  return texts;
}

void write_vlan(JsonWriter& json, const EveHeader& h) {
  if (h.packet != nullptr && h.packet->vlan_count > 0) {
    json.key("vlan").begin_array();
    for (std::uint8_t i = 0; i < h.packet->vlan_count; ++i) json.value(h.packet->vlan[i]);
    json.end_array();
  } else if (h.flow != nullptr && h.flow->key.vlan[0] != 0) {
    json.key("vlan").begin_array();
    for (const std::uint16_t id : h.flow->key.vlan)
      if (id != 0) json.value(id);
    json.end_array();
  }
}

void write_icmp(JsonWriter& json, const EveHeader& h) {
  if (h.packet != nullptr && h.packet->has_icmp) {
    json.field("icmp_type", h.packet->icmp_type).field("icmp_code", h.packet->icmp_code);
  } else if (h.packet == nullptr && h.flow != nullptr) {
    if (h.flow->icmp_type) json.field("icmp_type", *h.flow->icmp_type);
    if (h.flow->icmp_code) json.field("icmp_code", *h.flow->icmp_code);
    if (h.flow->response_icmp_type) json.field("response_icmp_type", *h.flow->response_icmp_type);
    if (h.flow->response_icmp_code) json.field("response_icmp_code", *h.flow->response_icmp_code);
  }
}

void write_igmp(JsonWriter& json, const EveHeader& h) {
  if (h.packet == nullptr || h.packet->proto != ip_proto::igmp || h.packet->l4_header.empty())
    return;
  constexpr std::uint8_t query = 0x11, report_v1 = 0x12, report_v3 = 0x22;
  const auto type = std::to_integer<std::uint8_t>(h.packet->l4_header[0]);
  const bool long_query = type == query && h.packet->l4_header.size() > 8;
  const int version = type == report_v1 ? 1 : type == report_v3 || long_query ? 3 : 2;
  json.key("igmp").begin_object().field("version", version).field("type", type).end_object();
}

}  // namespace

std::string_view source_name(PacketSource source) {
  switch (source) {
    case PacketSource::wire:
      return "wire/pcap";
    case PacketSource::flow_end:
      return "stream (flow timeout)";
    case PacketSource::defrag:
      return "defrag";
    case PacketSource::gre:
      return "gre tunnel";
    case PacketSource::ipv4:
      return "ipv4 tunnel";
    case PacketSource::ipv6:
      return "ipv6 tunnel";
    case PacketSource::teredo:
      return "teredo tunnel";
    case PacketSource::vxlan:
      return "vxlan encapsulation";
    case PacketSource::geneve:
      return "geneve encapsulation";
  }
  return "wire/pcap";
}

std::string_view proto_name(std::uint8_t proto) {
  switch (proto) {
    case ip_proto::icmp:
      return "ICMP";
    case ip_proto::igmp:
      return "IGMP";
    case 4:
      return "IPv4";
    case ip_proto::tcp:
      return "TCP";
    case ip_proto::udp:
      return "UDP";
    case 41:
      return "IPv6";
    case 44:
      return "IPv6-Frag";
    case ip_proto::gre:
      return "GRE";
    case ip_proto::esp:
      return "ESP";
    case 51:
      return "AH";
    case ip_proto::icmpv6:
      return "IPv6-ICMP";
    case 59:
      return "IPv6-NoNxt";
    case 88:
      return "EIGRP";
    case 89:
      return "OSPFIGP";
    case 103:
      return "PIM";
    case 112:
      return "VRRP";
    case ip_proto::sctp:
      return "SCTP";
    default:
      return number_texts()[proto];
  }
}

Endpoints Endpoints::reversed() const {
  Endpoints out = *this;
  std::swap(out.src, out.dst);
  std::swap(out.src_port, out.dst_port);
  return out;
}

Endpoints endpoints(const PacketView& p) {
  // Protocols with ports show them even where the packet has none to show: 0.
  const bool ports =
      p.proto == ip_proto::tcp || p.proto == ip_proto::udp || p.proto == ip_proto::sctp;
  return {p.src, p.dst, p.src_port, p.dst_port, ports, p.proto};
}

Endpoints endpoints(const FlowView& f, Direction d) {
  const Endpoints out{f.key.src,      f.key.dst,   f.key.src_port,
                      f.key.dst_port, f.has_ports, f.key.proto};
  return d == Direction::to_server ? out : out.reversed();
}

const std::string& CommunityIds::of(const FlowView& f) {
  if (flow_ == f.id && key_ == f.key && !id_.empty()) return id_;
  flow_ = f.id;
  key_ = f.key;
  const bool icmp = f.key.proto == ip_proto::icmp || f.key.proto == ip_proto::icmpv6;
  const std::uint16_t a = icmp ? f.icmp_type.value_or(0) : f.key.src_port;
  const std::uint16_t b = icmp ? f.icmp_code.value_or(0) : f.key.dst_port;
  id_.clear();
  append_community_id(id_, f.key.src, f.key.dst, a, b, f.key.proto, f.has_ports || icmp, seed_);
  return id_;
}

void write_metadata(JsonWriter& json, const EveHeader& h) {
  if (h.flow == nullptr) return;
  const auto* remembered = dynamic_cast<const RuleMetadata*>(h.flow->rule_state.get());
  if (remembered == nullptr || !remembered->has_metadata()) return;
  json.key("metadata").begin_object();
  remembered->write_metadata(json, h.values);
  json.end_object();
}

void write_header(JsonWriter& json, const EveHeader& h, CommunityIds& community) {
  json.field("timestamp", h.time);
  if (h.flow != nullptr) json.field("flow_id", h.flow->id);
  if (h.flow != nullptr && h.flow->parent_id != 0) json.field("parent_id", h.flow->parent_id);
  if (h.packet != nullptr && h.packet->number != 0) json.field("pcap_cnt", h.packet->number);
  json.field("event_type", h.type);
  write_vlan(json, h);
  if (h.ends.src.is_set()) {
    json.field("src_ip", h.ends.src);
    if (h.ends.has_ports) json.field("src_port", h.ends.src_port);
    json.field("dest_ip", h.ends.dst);
    if (h.ends.has_ports) json.field("dest_port", h.ends.dst_port);
    json.field("proto", proto_name(h.ends.proto)).field("ip_v", h.ends.src.version);
    write_icmp(json, h);
    write_igmp(json, h);
    if (h.flow != nullptr && h.flow->spi) json.field("spi", *h.flow->spi);
  }
  // Without a packet it is the end of the flow that brought the event out; the flow's own event is
  // of no packet at all.
  const bool at_end = h.packet == nullptr || h.packet->pseudo;
  if (h.packet != nullptr || h.type != "flow")
    json.field("pkt_src", source_name(at_end ? PacketSource::flow_end : h.packet->source));
  if (h.flow != nullptr) json.field("community_id", community.of(*h.flow));
  write_metadata(json, h);
}

void write_app_proto(JsonWriter& json, const FlowView& flow, const Catalogue& catalogue) {
  if (flow.app_proto != kAppUnknown) json.field("app_proto", catalogue.name(flow.app_proto));
  const auto side = [&](std::string_view key, Direction d) {
    const AppProto p = flow.app_proto_side[index(d)];
    if (p != kAppUnknown && p != flow.app_proto) json.field(key, catalogue.name(p));
  };
  side("app_proto_ts", Direction::to_server);
  side("app_proto_tc", Direction::to_client);
  if (flow.app_proto_original != kAppUnknown)
    json.field("app_proto_orig", catalogue.name(flow.app_proto_original));
}

}  // namespace chieng::agent
