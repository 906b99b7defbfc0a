#include "collector/flow/flow_path.h"

#include <algorithm>

namespace chieng::collector {
namespace {

// Turns a flow round: the sender of what was seen first is not the client.
void turn(Flow& flow) {
  std::swap(flow.key.src, flow.key.dst);
  std::swap(flow.key.src_port, flow.key.dst_port);
  std::swap(flow.packets[0], flow.packets[1]);
  std::swap(flow.bytes[0], flow.bytes[1]);
  std::swap(flow.tcp_flags[0], flow.tcp_flags[1]);
}

// Whether a connection that has no session yet has to be turned round for this packet.
bool comes_from_the_other_side(const Flow& flow, const PacketView& packet, Direction d,
                               const StreamSettings& settings) {
  if (flow.tcp && flow.tcp->state() != TcpState::none) return false;
  constexpr std::uint8_t both = tcp_flag::syn | tcp_flag::ack;
  if ((packet.tcp_flags & tcp_flag::rst) != 0) return false;
  if ((packet.tcp_flags & both) == tcp_flag::syn) return d == Direction::to_client;
  return (packet.tcp_flags & both) == both && d == Direction::to_server &&
         (settings.midstream || settings.async_oneside);
}

// Whether the first data of a conversation whose beginning was not seen are a server's.
bool speaks_as_server(const PacketView& packet, const StreamSettings& settings) {
  const bool tcp = packet.proto == ip_proto::tcp;
  if (!packet.has_ports || packet.payload.empty() || (!tcp && packet.proto != ip_proto::udp))
    return false;
  if (tcp && (!settings.midstream || (packet.tcp_flags & tcp_flag::syn) != 0)) return false;
  bool server = false;
  for (const Protocol* p : protocols()) {
    const TransportMask need = tcp ? TransportMask::tcp : TransportMask::udp;
    if ((static_cast<unsigned>(p->spec->transport) & static_cast<unsigned>(need)) == 0) continue;
    const auto usual = [&](std::uint16_t port) {
      return std::ranges::find(p->ports, port) != p->ports.end();
    };
    const bool hint = usual(packet.src_port) || usual(packet.dst_port);
    const bool answers = p->probe(Direction::to_client, packet.payload, hint) == Probe::yes;
    // What both sides could say is the server's where it comes from the usual port.
    const bool port_tells = answers && usual(packet.src_port) && !usual(packet.dst_port);
    if (!port_tells && p->probe(Direction::to_server, packet.payload, hint) != Probe::no)
      return false;
    server = server || answers;
  }
  return server;
}

// Nothing of the connection's content can be looked at any more, and what came before it has been.
bool is_bulk(const Flow& flow) {
  return flow.payload_hidden[0] && flow.payload_hidden[1] && flow.tcp &&
         flow.state == FlowState::established && flow.transactions().empty();
}

}  // namespace

void FlowPath::count(Flow& flow, const PacketView& packet, Direction d) {
  flow.last = std::max(flow.last, packet.time);
  ++flow.packets[index(d)];
  flow.bytes[index(d)] += packet.wire_length;
  if (packet.proto != flow.key.proto) return;  // an ICMP error about the flow
  if (packet.has_icmp) {
    (d == Direction::to_server ? flow.icmp_type : flow.response_icmp_type) = packet.icmp_type;
    (d == Direction::to_server ? flow.icmp_code : flow.response_icmp_code) = packet.icmp_code;
  }
  flow.seen[index(d)] = true;
  if (packet.proto != ip_proto::tcp && flow.seen[0] && flow.seen[1]) {
    flow.established = true;
    flow.state = FlowState::established;
  }
}

AppLayer& FlowPath::app(Flow& flow, TransportMask transport) {
  if (!flow.app)
    flow.app = std::make_unique<AppLayer>(worker_, flow, flow.tcp ? flow.tcp->raw.data() : nullptr,
                                          transport);
  return *flow.app;
}

void FlowPath::deliver(Direction d, std::uint64_t offset, Bytes data) {
  Flow& flow = *flow_;
  if (worker_.inspector != nullptr && !flow.payload_hidden[index(d)] &&
      flow.verdict == FlowVerdict::none) {
    flow.tcp->raw[index(d)].add(worker_.raw_spares, offset, data);
    worker_.memory(std::ssize(data));
  }
  if (!flow.app_over) app(flow, TransportMask::tcp).data(d, data);
}

void FlowPath::lost(Direction d, std::uint64_t offset, std::uint64_t bytes) {
  flow_->tcp->raw[index(d)].cut(worker_.raw_spares, offset + bytes);
  flow_->stream_gap[index(d)] = true;
  if (!flow_->app_over) app(*flow_, TransportMask::tcp).gap(d, bytes);
}

void FlowPath::end_streams(Flow& flow) {
  for (const Direction d : {Direction::to_server, Direction::to_client}) {
    const bool over = flow.tcp->is_over(d) || flow.tcp->stream(d).depth_reached();
    if (!over) continue;
    flow.tcp->raw[index(d)].request();
    if (flow.app) flow.app->end(d);
  }
}

bool FlowPath::tcp(Flow& flow, const Decoded& decoded, Direction d) {
  if (decoded.view.l4_checksum == ChecksumState::invalid) return false;
  if (!flow.tcp) flow.tcp = std::make_unique<TcpSession>();
  flow_ = &flow;
  const TcpSession::Outcome outcome = flow.tcp->packet(worker_, flow, *this, decoded, d);
  if (outcome.reset) flow.tcp->flush(worker_, *this);
  if (outcome.reset || (decoded.view.tcp_flags & tcp_flag::fin) != 0 ||
      flow.state == FlowState::closed || flow.tcp->stream(d).depth_reached() ||
      flow.tcp->stream(opposite(d)).fin)
    end_streams(flow);
  flow_ = nullptr;
  return outcome.in_stream;
}

void FlowPath::udp(Flow& flow, const Decoded& decoded, Direction d) {
  if (decoded.view.payload.empty()) return;
  if (flow.app || !flow.detection_done[index(d)])
    app(flow, TransportMask::udp).datagram(d, decoded.view.payload);
}

void FlowPath::packet(Flow& flow, Decoded& decoded) {
  const PacketView& packet = decoded.view;
  Direction d = flow.direction_of(packet);
  if (packet.proto == ip_proto::tcp && packet.has_ports &&
      comes_from_the_other_side(flow, packet, d, worker_.settings.stream)) {
    turn(flow);
    d = opposite(d);
  } else if (flow.packets[0] + flow.packets[1] == 0 &&
             speaks_as_server(packet, worker_.settings.stream)) {
    turn(flow);
    d = opposite(d);
  }
  if (flow.bypassed) return bypassed(flow, decoded, d);
  count(flow, packet, d);
  Inspection inspection;
  inspection.direction = d;
  inspection.first_in_direction = flow.packets[index(d)] == 1;
  if (packet.proto == ip_proto::tcp && packet.has_ports)
    inspection.payload_in_stream = tcp(flow, decoded, d);
  else if (packet.proto == ip_proto::udp && packet.has_ports)
    udp(flow, decoded, d);
  decoded.view.events = decoded.events.view();
  inspect(flow, packet, inspection, false);
  report_packet_events(decoded, &flow);
  if (worker_.settings.bypass_encrypted && is_bulk(flow)) bypass(flow);
}

void FlowPath::bypass(Flow& flow) {
  flow.bypassed = true;
  flow.tcp->forget(worker_);
  for (RawWindow& raw : flow.tcp->raw) {
    worker_.memory(-static_cast<std::int64_t>(raw.size()));
    raw.clear(worker_.raw_spares);
  }
}

void FlowPath::bypassed(Flow& flow, const Decoded& decoded, Direction d) {
  const PacketView& packet = decoded.view;
  count(flow, packet, d);
  ++worker_.counters.bypassed_packets;
  worker_.counters.bypassed_bytes += packet.wire_length;
  report_packet_events(decoded, &flow);
  if (packet.proto != ip_proto::tcp) return;
  flow.tcp_flags[index(d)] |= packet.tcp_flags;
  if ((packet.tcp_flags & tcp_flag::fin) != 0) flow.ended[index(d)] = true;
  if ((packet.tcp_flags & tcp_flag::rst) == 0 && !(flow.ended[0] && flow.ended[1])) return;
  flow.tcp->close();
  flow.state = FlowState::closed;
  flow.tcp_state = to_string(TcpState::closed);
}

void FlowPath::without_flow(Decoded& decoded) {
  decoded.view.events = decoded.events.view();
  if (!decoded.view.arp.empty() && worker_.observer != nullptr)
    worker_.observer->on_arp(decoded.view);
  if (worker_.inspector != nullptr) {
    Inspection inspection;
    inspection.packet = &decoded.view;
    worker_.inspector->inspect(inspection);
    ++worker_.counters.inspections;
  }
  report_packet_events(decoded, nullptr);
}

void FlowPath::report_packet_events(const Decoded& decoded, const FlowView* flow) {
  const std::size_t count = decoded.view.events.size();
  if (count == 0) return;
  worker_.counters.packet_events += count;
  if (worker_.observer != nullptr) worker_.observer->on_packet_events(decoded.view, flow);
}

void FlowPath::inspect(Flow& flow, const PacketView& packet, Inspection& inspection, bool final) {
  const Direction d = inspection.direction;
  RawWindow* raw = flow.tcp ? &flow.tcp->raw[index(d)] : nullptr;
  const bool due =
      raw != nullptr && (final ? !raw->empty() : raw->is_due(worker_.settings.stream.chunk_size));
  chunks_.clear();
  if (due) raw->chunks(d, final || flow.tcp->is_over(d), chunks_);
  inspection.packet = &packet;
  inspection.flow = &flow;
  inspection.chunks = chunks_;
  if (flow.app) {
    for (const Direction side : {Direction::to_server, Direction::to_client}) {
      inspection.app_updated[index(side)] = flow.app->is_updated(side);
      inspection.proto_detected[index(side)] = flow.app->take_detected(side);
    }
  }
  FrameStore* const frames = flow.app ? flow.app->frames() : nullptr;
  if (frames != nullptr) inspection.frames = frames->due(final);
  if (worker_.inspector != nullptr) {
    worker_.inspector->inspect(inspection);
    ++worker_.counters.inspections;
  }
  if (frames != nullptr) frames->inspected();
  if (due) {
    worker_.memory(-static_cast<std::int64_t>(raw->size()));
    raw->clear(worker_.raw_spares);
  }
  if (flow.app) {
    std::array<bool, 2> sides = inspection.app_updated;
    sides[index(d)] = true;
    flow.app->inspected(sides);
    if (flow.app->is_over()) {
      flow.app.reset();
      flow.app_over = flow.tcp != nullptr;
    }
  }
}

void FlowPath::last_inspections(Flow& flow) {
  for (const Direction d : {Direction::to_server, Direction::to_client}) {
    const bool pending =
        (flow.tcp && !flow.tcp->raw[index(d)].empty()) ||
        (flow.app && (flow.app->is_updated(d) || !flow.transactions().empty())) ||
        (flow.app && flow.app->frames() != nullptr && flow.app->frames()->has_open());
    if (!pending) continue;
    const bool forward = d == Direction::to_server;
    PacketView pseudo;
    pseudo.pseudo = true;
    pseudo.source = PacketSource::flow_end;
    pseudo.time = flow.last;
    pseudo.ip_version = flow.key.src.version;
    pseudo.src = forward ? flow.key.src : flow.key.dst;
    pseudo.dst = forward ? flow.key.dst : flow.key.src;
    pseudo.proto = flow.key.proto;
    pseudo.has_ports = flow.has_ports;
    pseudo.src_port = forward ? flow.key.src_port : flow.key.dst_port;
    pseudo.dst_port = forward ? flow.key.dst_port : flow.key.src_port;
    for (std::size_t i = 0; i < flow.key.vlan.size() && flow.key.vlan[i] != 0; ++i)
      pseudo.vlan[pseudo.vlan_count++] = flow.key.vlan[i];
    Inspection inspection;
    inspection.direction = d;
    inspect(flow, pseudo, inspection, true);
  }
}

void FlowPath::end(Flow& flow) {
  Flow* const in_hand = std::exchange(flow_, &flow);
  if (flow.tcp) flow.tcp->flush(worker_, *this);
  if (flow.app) {
    flow.app->end(Direction::to_server);
    flow.app->end(Direction::to_client);
  }
  last_inspections(flow);
  if (flow.app) flow.app->report_all();
  if (flow.tcp) {
    flow.tcp->forget(worker_);
    for (RawWindow& raw : flow.tcp->raw) {
      worker_.memory(-static_cast<std::int64_t>(raw.size()));
      raw.clear(worker_.raw_spares);
    }
  }
  // The flow's event tells what rules remember of it.
  if (worker_.observer != nullptr) worker_.observer->on_flow_end(flow);
  if (worker_.inspector != nullptr) worker_.inspector->flow_ended(flow);
  flow_ = in_hand;
}

}  // namespace chieng::collector
