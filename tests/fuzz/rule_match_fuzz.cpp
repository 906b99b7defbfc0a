// Rules and what they look at: the text up to an empty line is a file of rules, the rest is
// payload, in pieces of a stream and in a transaction's buffers. Whatever a match shows is read.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tests/unit/rules/suricata/rule_kit.h"

namespace {

using namespace chieng;
using namespace chieng::suricata;

class ReadingSink final : public AlertSink {
 public:
  void on_alert(const Alert& alert) override {
    read(alert.payload);
    for (const MatchedOption& o : alert.explain) {
      read(o.data);
      read(as_bytes(o.buffer));
    }
  }

 private:
  void read(Bytes bytes) {
    for (const std::byte b : bytes) sum_ = sum_ + std::to_integer<unsigned>(b);
  }
  volatile unsigned sum_ = 0;
};

PacketView packet_of(const TestFlow& flow, Bytes payload) {
  PacketView packet;
  packet.time = Timestamp::from_seconds(1'000'000);
  packet.number = 1;
  packet.src = flow.key.src;
  packet.dst = flow.key.dst;
  packet.src_port = flow.key.src_port;
  packet.dst_port = flow.key.dst_port;
  packet.has_ports = true;
  packet.proto = ip_proto::tcp;
  packet.ip_version = 4;
  packet.ttl = 64;
  packet.tcp_flags = tcp_flag::ack;
  packet.payload = payload;
  return packet;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 8000) return 0;
  const std::string_view text = as_text(as_bytes(data, size));
  const std::size_t border = text.find("\n\n");
  if (border == std::string_view::npos) return 0;
  const std::string_view payload = text.substr(border + 2);
  LoadReport report;
  const auto set =
      load_rules_text(text.substr(0, border), "fuzz.rules", test_catalogue(), {}, report);
  if (!set || report.loaded == 0) return 0;
  ReadingSink sink;
  Detector detector(*set, sink);
  TestFlow flow;
  TestTransaction tx(0);
  for (unsigned b = 0; b < 6; ++b) tx.buffers[b] = {std::string(payload), "x"};
  tx.slices[2] = {.data = as_bytes(payload)};
  tx.level = payload.size() & 15;
  tx.set_progress(Direction::to_server, 3);
  tx.set_progress(Direction::to_client, 3);
  flow.list = {&tx};
  PacketView packet = packet_of(flow, as_bytes(payload));
  Inspection in;
  in.packet = &packet;
  in.flow = &flow;
  in.first_in_direction = true;
  detector.inspect(in);
  in.payload_in_stream = true;
  in.app_updated = {true, true};
  packet.payload = {};
  const std::size_t half = payload.size() / 2;
  std::uint64_t offset = 0;
  for (const Bytes piece : {as_bytes(payload.substr(0, half)), as_bytes(payload.substr(half))}) {
    const StreamChunk chunk{.offset = offset, .data = piece};
    in.chunks = {&chunk, 1};
    in.first_in_direction = false;
    detector.inspect(in);
    offset += piece.size();
  }
  return 0;
}
