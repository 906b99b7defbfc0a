#include "agent/events/eve_writer.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "agent/events/alert_member.h"
#include "agent/events/flow_member.h"
#include "agent/events/frame_member.h"
#include "core/bytes/reader.h"

namespace chieng::agent {
namespace {

void write_peer(JsonWriter& json, std::string_view key, const IpAddress& address,
                std::uint16_t port, bool has_port) {
  json.key(key).begin_object().field("ip", address);
  if (has_port) json.field("port", port);
  json.end_object();
}

// target:src_ip names the victim; the other side is the source of the attack.
void write_target(JsonWriter& json, const RuleInfo& rule, const Endpoints& e) {
  if (rule.target == RuleTarget::none || !e.src.is_set()) return;
  const Endpoints attack = rule.target == RuleTarget::source ? e.reversed() : e;
  write_peer(json, "source", attack.src, attack.src_port, attack.has_ports);
  write_peer(json, "target", attack.dst, attack.dst_port, attack.has_ports);
}

// The packet that brought the last byte may travel the other way; an alert shows the side that
// matched.
Endpoints alert_endpoints(const Alert& alert) {
  const Endpoints ends = endpoints(*alert.at->packet);
  const bool turned = alert.at->flow != nullptr &&
                      (alert.tx != nullptr || alert.frame != nullptr) &&
                      alert.direction != alert.at->direction;
  return turned ? ends.reversed() : ends;
}

// The outermost packet around this one.
void write_tunnel(JsonWriter& json, const PacketView& packet) {
  const PacketView* outer = packet.carrier;
  while (outer->carrier != nullptr) outer = outer->carrier;
  json.key("tunnel").begin_object();
  json.field("src_ip", outer->src).field("src_port", outer->src_port);
  json.field("dest_ip", outer->dst).field("dest_port", outer->dst_port);
  json.field("proto", proto_name(outer->proto)).field("depth", packet.depth);
  if (outer->number != 0) json.field("pcap_cnt", outer->number);
  json.field("pkt_src", source_name(outer->source)).end_object();
}

// In capitals nowhere, bytes apart by colons.
std::string mac_text(Bytes bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const std::byte b : bytes) {
    if (!out.empty()) out += ':';
    out += digits[std::to_integer<unsigned>(b) >> 4];
    out += digits[std::to_integer<unsigned>(b) & 15];
  }
  return out;
}

std::string_view arp_operation(std::uint16_t number) {
  static constexpr std::array<std::string_view, 11> names{"unknown",
                                                          "request",
                                                          "reply",
                                                          "request_reverse",
                                                          "reply_reverse",
                                                          "dynamic_request",
                                                          "dynamic_reply",
                                                          "dynamic_error",
                                                          "inarp_request",
                                                          "inarp_reply",
                                                          "nak"};
  return number < names.size() ? names[number] : names[0];
}

// The field shows what a parser of TCP finds as of the packet that acknowledges the bytes, which
// travels the other way.
Endpoints anomaly_endpoints(const FlowView& flow, std::string_view layer,
                            const PacketView* packet) {
  if (packet == nullptr) return endpoints(flow, Direction::to_server);
  const Endpoints ends = endpoints(*packet);
  const bool acknowledged = flow.key.proto == ip_proto::tcp && flow.packets[0] > 0 &&
                            flow.packets[1] > 0 && layer == "proto_parser";
  return acknowledged ? ends.reversed() : ends;
}

std::string_view to_string(FileView::State state) {
  switch (state) {
    case FileView::State::closed:
      return "CLOSED";
    case FileView::State::truncated:
      return "TRUNCATED";
    case FileView::State::error:
      return "ERROR";
    case FileView::State::unknown:
      return "UNKNOWN";
  }
  return "UNKNOWN";
}

// The members of "fileinfo", and of an entry of an alert's "files".
void write_file(JsonWriter& json, const FileView& file) {
  if (!file.name.empty()) json.field("filename", file.name);
  json.field("gaps", file.gaps);
  json.field("state", to_string(file.state));
  if (!file.md5.empty()) json.field("md5", file.md5);
  if (!file.sha1.empty()) json.field("sha1", file.sha1);
  if (!file.sha256.empty()) json.field("sha256", file.sha256);
  json.field("stored", file.stored).field("size", file.size).field("tx_id", file.tx_id);
  if (file.range_start) json.field("start", *file.range_start);
  if (file.range_end) json.field("end", *file.range_end);
}

// The files that travel in the alert's direction.
void write_files(JsonWriter& json, const Alert& alert) {
  bool any = false;
  for (std::uint32_t i = 0; const auto file = alert.tx->file(i); ++i) {
    if (file->direction != alert.direction) continue;
    if (!std::exchange(any, true)) json.key("files").begin_array();
    json.begin_object();
    write_file(json, *file);
    json.end_object();
  }
  if (any) json.end_array();
}

// Whose anomalies the field spells in capitals.
bool capital_events(std::string_view app_proto, std::string_view layer) {
  return layer == "proto_detect" || app_proto == "http" || app_proto == "tls" ||
         app_proto == "smtp" || app_proto == "dnp3";
}

// Protocols whose events name the client first whichever side the message came from, as readers of
// EVE know them.
bool client_first(std::string_view type) {
  return type == "dnp3";
}

}  // namespace

EveWriter::EveWriter(EventOut& out, const Catalogue& catalogue)
    : out_(out),
      catalogue_(catalogue),
      community_(out.options().community_seed),
      explain_(out.options().privacy) {}

void EveWriter::header(JsonWriter& json, EveHeader h) {
  h.values = !out_.options().privacy.enabled;
  write_header(json, h, community_);
}

std::string_view EveWriter::type_of(AppProto proto) {
  name_ = catalogue_.name(proto);
  std::ranges::replace(name_, '-', '_');
  return name_;
}

Timestamp EveWriter::time_of(const FlowView& flow, const PacketView* packet) const {
  return packet != nullptr ? packet->time : flow.last;
}

void EveWriter::on_alert(const Alert& alert) {
  if (!out_.options().wants("alert")) return;
  const PacketView& packet = *alert.at->packet;
  const Endpoints ends = alert_endpoints(alert);
  JsonWriter json = out_.begin();
  header(json, {"alert", packet.time, alert.at->flow, &packet, ends});
  if (alert.tx != nullptr) json.field("tx_id", alert.tx->id());
  json.key("alert").begin_object();
  write_rule(json, *alert.rule, out_.options().references);
  write_target(json, *alert.rule, ends);
  if (!alert.context.empty()) json.key("context").raw(alert.context);
  if (out_.options().explain) explain_.write(json, alert.explain);
  json.end_object();
  if (packet.carrier != nullptr) write_tunnel(json, packet);
  if (alert.frame != nullptr)
    write_frame(json, *alert.frame, catalogue_, !out_.options().privacy.enabled);
  write_alert_tail(json, alert);
  out_.end(json, EventClass::alert, packet.time);
}

void EveWriter::write_alert_tail(JsonWriter& json, const Alert& alert) {
  if (alert.tx != nullptr) {
    alert.tx->write_in_alert(json);
    write_files(json, alert);
  }
  if (const FlowView* flow = alert.at->flow; flow != nullptr) {
    write_app_proto(json, *flow, catalogue_);
    json.field("direction", alert.direction == Direction::to_server ? "to_server" : "to_client");
    json.key("flow").begin_object();
    write_flow_counts(json, *flow);
    json.field("start", flow->start).field("src_ip", flow->key.src).field("dest_ip", flow->key.dst);
    if (flow->has_ports)
      json.field("src_port", flow->key.src_port).field("dest_port", flow->key.dst_port);
    json.end_object();
  }
  if (!out_.options().privacy.enabled) write_payload(json, alert);
}

void EveWriter::write_payload(JsonWriter& json, const Alert& alert) {
  const EventOptions& o = out_.options();
  if (o.payload) json.key("payload").base64(alert.payload);
  if (o.payload_printable) json.key("payload_printable").printable(alert.payload);
  if (o.payload || o.payload_printable)
    json.field("payload_length", alert.payload.size()).field("stream", alert.from_stream ? 1 : 0);
  if (!o.packet) return;
  const PacketView& packet = *alert.at->packet;
  json.key("packet").base64(packet.frame);
  json.key("packet_info").begin_object().field("linktype", packet.link_type).end_object();
}

void EveWriter::on_transaction(const FlowView& flow, const Transaction& tx,
                               const PacketView* packet) {
  const std::string_view own = tx.event_type();
  const std::string_view type = own.empty() ? type_of(tx.proto()) : own;
  if (tx.logging_disabled || type.empty() || !out_.options().wants(type)) return;
  const Timestamp time = time_of(flow, packet);
  JsonWriter json = out_.begin();
  const Direction from = client_first(type) ? Direction::to_server : tx.event_direction();
  header(json, {type, time, &flow, packet, endpoints(flow, from)});
  json.field("tx_id", tx.id());
  tx.write(json);
  write_app_proto(json, flow, catalogue_);
  out_.end(json, EventClass::metadata, time);
}

void EveWriter::on_file(const FlowView& flow, const Transaction* tx, const FileView& file,
                        const PacketView* packet) {
  if (!out_.options().wants("fileinfo")) return;
  const Timestamp time = time_of(flow, packet);
  JsonWriter json = out_.begin();
  header(json, {"fileinfo", time, &flow, packet, endpoints(flow, file.direction)});
  if (tx != nullptr) tx->write(json);
  write_app_proto(json, flow, catalogue_);
  json.key("fileinfo").begin_object();
  write_file(json, file);
  json.end_object();
  out_.end(json, EventClass::metadata, time);
}

void EveWriter::on_flow_end(const FlowView& flow) {
  if (!out_.options().wants("flow")) return;
  JsonWriter json = out_.begin();
  header(json, {"flow", flow.last, &flow, nullptr, endpoints(flow, Direction::to_server)});
  write_app_proto(json, flow, catalogue_);
  write_flow(json, flow);
  write_tcp(json, flow);
  out_.end(json, EventClass::metadata, flow.last);
}

void EveWriter::on_arp(const PacketView& packet) {
  constexpr std::size_t size = 28;  // RFC 826, with Ethernet and IPv4 addresses
  if (packet.arp.size() < size || !out_.options().wants("arp")) return;
  Reader in(packet.arp.subspan(6));
  const std::uint16_t operation = in.u16();
  const Bytes src_mac = in.take(6), src = in.take(4), dst_mac = in.take(6), dst = in.take(4);
  JsonWriter json = out_.begin();
  header(json, {"arp", packet.time, nullptr, &packet, {}});
  json.key("arp").begin_object().field("hw_type", "ethernet").field("proto_type", "ipv4");
  json.field("opcode", arp_operation(operation)).field("src_mac", mac_text(src_mac));
  json.field("src_ip", IpAddress::from_bytes(src)).field("dest_mac", mac_text(dst_mac));
  json.field("dest_ip", IpAddress::from_bytes(dst)).end_object();
  out_.end(json, EventClass::metadata, packet.time);
}

void EveWriter::on_packet_events(const PacketView& packet, const FlowView* flow) {
  if (!out_.options().wants("anomaly")) return;
  for (const std::uint16_t number : packet.events)
    packet_event(packet, flow, catalogue_.packet_event_name(number));
}

void EveWriter::packet_event(const PacketView& packet, const FlowView* flow,
                             std::string_view name) {
  if (name.starts_with("applayer_")) return;  // told by on_app_event
  const bool stream = name.starts_with("stream.");
  if (stream ? !out_.options().anomaly_stream : !out_.options().anomaly_decode) return;
  JsonWriter json = out_.begin();
  header(json, {"anomaly", packet.time, flow, &packet, endpoints(packet)});
  json.key("anomaly")
      .begin_object()
      .field("type", stream ? "stream" : "decode")
      .field("event", name)
      .end_object();
  out_.end(json, EventClass::metadata, packet.time);
}

void EveWriter::on_app_event(const FlowView& flow, const Transaction* tx, std::string_view event,
                             std::string_view layer, const PacketView* packet) {
  if (!out_.options().anomaly_applayer || !out_.options().wants("anomaly")) return;
  const Timestamp time = time_of(flow, packet);
  const std::string_view proto = catalogue_.name(tx != nullptr ? tx->proto() : flow.app_proto);
  name_ = event;
  if (capital_events(proto, layer))
    std::ranges::transform(name_, name_.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  JsonWriter json = out_.begin();
  header(json, {"anomaly", time, &flow, packet, anomaly_endpoints(flow, layer, packet)});
  if (tx != nullptr) json.field("tx_id", tx->id());
  json.key("anomaly").begin_object();
  if (!proto.empty()) json.field("app_proto", proto);
  json.field("type", "applayer").field("event", name_).field("layer", layer).end_object();
  out_.end(json, EventClass::metadata, time);
}

}  // namespace chieng::agent
