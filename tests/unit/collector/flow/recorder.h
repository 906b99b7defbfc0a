// A sensor with an inspector and observer that write down what they get, and a TCP conversation to
// feed it.
#pragma once

#include <string>
#include <vector>

#include "collector/protocol/parser.h"
#include "collector/sensor.h"
#include "tests/unit/collector/frames.h"

namespace chieng::collector::test {

class Recorder : public Inspector, public SensorObserver {
 public:
  explicit Recorder(const SensorSettings& settings = {})
      : catalogue(protocol_specs(), packet_event_names()),
        sensor(settings, catalogue, this, this) {}

  void inspect(const Inspection& i) override {
    ++inspections;
    last_in_stream = i.payload_in_stream;
    last_direction = i.direction;
    last_has_flow = i.flow != nullptr;
    if (i.flow != nullptr) {
      established = i.flow->established;
      stream_size = i.flow->stream_size;
    }
    if (i.packet->is_fragment) ++fragments;
    payloads.emplace_back(as_text(i.packet->payload));
    for (const StreamChunk& c : i.chunks) {
      streams[index(c.direction)] += as_text(c.data);
      chunks.push_back({c.direction, c.offset, std::string(as_text(c.data)), c.at_start, c.at_end});
    }
  }
  void on_transaction(const FlowView& flow, const Transaction& tx, const PacketView*) override {
    std::string json = "{";
    JsonWriter out(json);
    tx.write(out);
    transactions.push_back(json + "}");
    tx_protocols.emplace_back(catalogue.name(flow.app_proto));
  }
  void on_file(const FlowView&, const Transaction*, const FileView&, const PacketView*) override {}
  void on_flow_end(const FlowView& flow) override {
    ended.push_back({flow.end, flow.state, flow.packets, std::string(flow.tcp_state),
                     flow.app_proto, flow.key, flow.tcp_flags});
  }
  void on_packet_events(const PacketView& packet, const FlowView*) override {
    for (const std::uint16_t e : packet.events) events.emplace_back(catalogue.packet_event_name(e));
  }
  void on_app_event(const FlowView&, const Transaction*, std::string_view event, std::string_view,
                    const PacketView*) override {
    app_events.emplace_back(event);
  }

  void send(const std::string& bytes, std::int64_t micros = 0) {
    now = micros != 0 ? micros : now + 1000;
    sensor.packet(frame(bytes, now));
  }
  void tcp_packet(bool client, std::uint32_t seq, std::uint32_t ack, unsigned flags,
                  std::string_view data = {}, unsigned window = 65535) {
    const Ends e = client ? ends : ends.reversed();
    send(ethernet(ipv4(e, 6, tcp(e, seq, ack, flags, data, window))));
  }
  void handshake() {
    tcp_packet(true, client_isn, 0, tcp_flag::syn);
    tcp_packet(false, server_isn, client_isn + 1, tcp_flag::syn | tcp_flag::ack);
    tcp_packet(true, client_isn + 1, server_isn + 1, tcp_flag::ack);
  }
  // Data of a side at an offset of its stream; acknowledges what was given of the other.
  void client(std::uint32_t offset, std::string_view data, std::uint32_t acked = 0,
              unsigned flags = tcp_flag::ack) {
    tcp_packet(true, client_isn + 1 + offset, server_isn + 1 + acked, flags, data);
  }
  void server(std::uint32_t offset, std::string_view data, std::uint32_t acked = 0,
              unsigned flags = tcp_flag::ack) {
    tcp_packet(false, server_isn + 1 + offset, client_isn + 1 + acked, flags, data);
  }

  struct Chunk {
    Direction d;
    std::uint64_t offset;
    std::string data;
    bool start, end;
  };
  struct Ended {
    FlowEnd why;
    FlowState state;
    std::array<std::uint64_t, 2> packets;
    std::string tcp;
    AppProto proto;
    FlowKey key;
    std::array<std::uint8_t, 2> flags;
  };
  Catalogue catalogue;
  Ends ends;
  std::uint32_t client_isn = 1000, server_isn = 5000;
  std::int64_t now = 1'000'000;
  int inspections = 0, fragments = 0;
  bool last_in_stream = false, established = false, last_has_flow = false;
  Direction last_direction = Direction::to_server;
  std::array<std::uint32_t, 2> stream_size{};
  std::array<std::string, 2> streams;
  std::vector<Chunk> chunks;
  std::vector<Ended> ended;
  std::vector<std::string> payloads, events, app_events, transactions, tx_protocols;
  Sensor sensor;
};

}  // namespace chieng::collector::test
