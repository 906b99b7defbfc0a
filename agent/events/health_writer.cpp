#include "agent/events/health_writer.h"

namespace chieng::agent {
namespace {

void write_decoder(JsonWriter& json, const collector::SensorCounters& c) {
  json.key("decoder")
      .begin_object()
      .field("pkts", c.packets)
      .field("bytes", c.bytes)
      .field("invalid", c.invalid);
  json.field("truncated", c.truncated)
      .field("ipv4", c.ipv4)
      .field("ipv6", c.ipv6)
      .field("tcp", c.tcp);
  json.field("udp", c.udp)
      .field("icmp", c.icmp)
      .field("sctp", c.sctp)
      .field("arp", c.arp)
      .field("other", c.other);
  json.field("bad_checksums", c.bad_checksums).field("events", c.packet_events).end_object();
  json.key("defrag")
      .begin_object()
      .field("fragments", c.fragments)
      .field("reassembled", c.reassembled);
  json.field("dropped", c.fragments_dropped).end_object();
}

void write_streams(JsonWriter& json, const collector::SensorCounters& c) {
  json.key("flow").begin_object().field("total", c.flows).field("active", c.flows_active);
  json.field("timed_out", c.flows_timed_out)
      .field("evicted", c.flows_evicted)
      .field("bypassed_packets", c.bypassed_packets)
      .field("bypassed_bytes", c.bypassed_bytes)
      .end_object();
  json.key("tcp")
      .begin_object()
      .field("sessions", c.tcp_sessions)
      .field("midstream_pickups", c.tcp_midstream);
  json.field("stream_bytes", c.stream_bytes)
      .field("reassembly_gap", c.gaps)
      .field("gap_bytes", c.gap_bytes);
  json.field("segments_dropped", c.segments_dropped).field("retransmissions", c.retransmissions);
  json.field("depth_reached", c.depth_reached).field("memuse", c.memory).end_object();
  json.key("app_layer").begin_object().field("transactions", c.transactions);
  json.field("transactions_dropped", c.transactions_dropped)
      .field("events", c.app_events)
      .end_object();
}

}  // namespace

void write_health(EventOut& out, Timestamp time, std::string_view code,
                  std::initializer_list<HealthParam> params) {
  if (!out.options().wants("health")) return;
  JsonWriter json = out.begin();
  json.field("timestamp", time).field("event_type", "health");
  json.key("health").begin_object().field("code", code).key("params").begin_object();
  for (const HealthParam& p : params)
    std::visit([&](const auto& value) { json.field(p.name, value); }, p.value);
  json.end_object().end_object();
  out.end(json, EventClass::health, time);
}

void write_capture_health(EventOut& out, Timestamp time, std::string_view interface,
                          LossMeter& losses) {
  const LossCounts interval = losses.take_interval(), total = losses.totals();
  const LossMinute worst = losses.worst_minute();
  const std::string since = worst.begin.is_set() ? to_iso(worst.begin) : std::string();
  write_health(out, time, "capture",
               {{"interface", interface},
                {"received", interval.received},
                {"dropped", interval.dropped},
                {"if_dropped", interval.if_dropped},
                {"loss_ppm", std::uint64_t{interval.loss_ppm()}},
                {"total_received", total.received},
                {"total_dropped", total.dropped},
                {"total_if_dropped", total.if_dropped},
                {"worst_minute", std::string_view(since)},
                {"worst_minute_received", worst.counts.received},
                {"worst_minute_lost", worst.counts.lost()},
                {"worst_minute_loss_ppm", std::uint64_t{worst.counts.loss_ppm()}}});
}

void write_stats(EventOut& out, Timestamp time, const collector::SensorCounters& counters,
                 std::uint64_t alerts, const LossCounts* capture) {
  if (!out.options().wants("stats")) return;
  JsonWriter json = out.begin();
  json.field("timestamp", time).field("event_type", "stats").key("stats").begin_object();
  if (capture != nullptr)
    json.key("capture")
        .begin_object()
        .field("kernel_packets", capture->received)
        .field("kernel_drops", capture->dropped)
        .field("kernel_ifdrops", capture->if_dropped)
        .end_object();
  write_decoder(json, counters);
  write_streams(json, counters);
  json.key("detect").begin_object().field("inspections", counters.inspections);
  json.field("alerts", alerts).end_object().end_object();
  out.end(json, EventClass::health, time);
}

}  // namespace chieng::agent
