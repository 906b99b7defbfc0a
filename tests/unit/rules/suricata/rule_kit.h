// A small protocol, transactions and flows made of test data, and a detector over them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/inspect/inspector.h"
#include "rules/suricata/detector.h"
#include "rules/suricata/rule_set.h"

namespace chieng::suricata {

// http: uri, agent (lower case), body (streaming), names (multi); an integer; events.
inline const Catalogue& test_catalogue() {
  static constexpr std::array kBuffers = {
      BufferSpec{.name = "http.uri",
                 .sides = Sides::to_server,
                 .ready = {1, 1},
                 .modifier = "http_uri",
                 .pcre_letter = 'U'},
      BufferSpec{
          .name = "http.host", .sides = Sides::to_server, .ready = {1, 1}, .lowercase = true},
      BufferSpec{.name = "http.response_body",
                 .sides = Sides::to_client,
                 .ready = {2, 2},
                 .streaming = true},
      BufferSpec{.name = "http.names", .sides = Sides::both, .ready = {1, 1}, .multi = true},
      BufferSpec{.name = "http.stat_code", .sides = Sides::to_client, .ready = {1, 1}},
      BufferSpec{.name = "http.uri.raw", .sides = Sides::to_server, .ready = {1, 1}},
  };
  static constexpr std::array kNames = {NamedValue{"low", 1}, NamedValue{"high", 9}};
  static constexpr std::array kIntegers = {
      IntegerSpec{.name = "http.level", .ready = {1, 1}, .bits = 8, .names = kNames}};
  static constexpr std::array<std::string_view, 2> kEvents = {"odd", "worse"};
  static constexpr ProtocolSpec kHttp{.name = "http",
                                      .rule_names = {"http", "http1"},
                                      .transport = TransportMask::tcp,
                                      .complete = {3, 3},
                                      .buffers = kBuffers,
                                      .integers = kIntegers,
                                      .event_prefix = "http",
                                      .events = kEvents};
  static constexpr std::array<const ProtocolSpec*, 1> kProtocols = {&kHttp};
  static constexpr std::array<std::string_view, 2> kPacketEvents = {"decoder.ipv4.pkt_too_small",
                                                                    "stream.reassembly_seq_gap"};
  static const Catalogue catalogue(kProtocols, kPacketEvents);
  return catalogue;
}
inline constexpr AppProto kTestHttp{2};

class TestTransaction final : public Transaction {
 public:
  explicit TestTransaction(std::uint64_t id) : Transaction(kTestHttp, id) {}
  std::map<unsigned, std::vector<std::string>> buffers;  // by local number
  std::map<unsigned, BufferSlice> slices;                // streaming ones
  std::optional<std::uint64_t> level;

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned local, Direction,
                                                  std::uint32_t instance) const override {
    if (const auto s = slices.find(local); s != slices.end() && instance == 0) return s->second;
    const auto at = buffers.find(local);
    if (at == buffers.end() || instance >= at->second.size()) return std::nullopt;
    return BufferSlice{.data = as_bytes(std::string_view(at->second[instance]))};
  }
  [[nodiscard]] std::optional<std::uint64_t> integer(unsigned, Direction,
                                                     std::uint32_t instance) const override {
    return instance == 0 ? level : std::nullopt;
  }
  void write(JsonWriter&) const override {}
};

class TestFlow final : public FlowView {
 public:
  TestFlow() {
    id = 7;
    key = {*parse_address("10.0.0.1"), *parse_address("203.0.113.5"), 40000, 80, ip_proto::tcp, {}};
    has_ports = established = true;
    app_proto = kTestHttp;
    app_proto_side = {kTestHttp, kTestHttp};
  }
  [[nodiscard]] std::span<Transaction* const> transactions() const override { return list; }
  std::vector<Transaction*> list;
};

struct SeenAlert {
  std::uint32_t sid;
  Direction direction;
  std::vector<std::string> options, excerpts;
};

class TestSink final : public AlertSink {
 public:
  void on_alert(const Alert& a) override {
    SeenAlert seen{a.rule->sid, a.direction, {}, {}};
    for (const MatchedOption& o : a.explain) {
      seen.options.emplace_back(o.option);
      const bool placed =
          o.offset >= 0 && static_cast<std::size_t>(o.offset) + o.length <= o.data.size();
      seen.excerpts.emplace_back(
          placed ? as_text(o.data.subspan(static_cast<std::size_t>(o.offset), o.length)) : "");
    }
    alerts.push_back(std::move(seen));
  }
  std::vector<SeenAlert> alerts;
};

inline std::shared_ptr<const RuleSet> compile_rules(std::string_view text,
                                                    LoadReport* report = nullptr) {
  LoadReport own;
  auto out =
      load_rules_text(text, "test.rules", test_catalogue(), {}, report != nullptr ? *report : own);
  return out ? *out : nullptr;
}

// The reason why the rule with these options does not load; empty where it does.
inline std::string fault_of(std::string_view rule) {
  LoadReport report;
  (void)compile_rules(rule, &report);
  return report.faults.empty() ? std::string()
                               : report.faults.front().option + ": " + report.faults.front().reason;
}

// One worker's detector with a packet and a flow that tests change as they like.
class Bench {
 public:
  explicit Bench(std::string_view rules, std::shared_ptr<SharedState> state = nullptr)
      : detector(compile_rules(rules), sink, std::move(state)) {
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
  }
  std::vector<std::uint32_t> run(std::string_view payload, bool with_flow = true) {
    packet.payload = as_bytes(payload);
    Inspection in;
    in.packet = &packet;
    in.flow = with_flow ? &flow : nullptr;
    in.payload_in_stream = !chunks.empty();
    in.chunks = chunks;
    in.app_updated = updated;
    return take(in);
  }
  std::vector<std::uint32_t> take(const Inspection& in) {
    sink.alerts.clear();
    detector.inspect(in);
    std::vector<std::uint32_t> out;
    for (const SeenAlert& a : sink.alerts) out.push_back(a.sid);
    return out;
  }

  TestSink sink;
  TestFlow flow;
  PacketView packet;
  std::vector<StreamChunk> chunks;
  std::array<bool, 2> updated{};
  Detector detector;
};

// A rule on the payload of single packets with these options.
inline std::string packet_rule(std::string_view options, std::uint32_t sid = 1) {
  return "alert tcp-pkt any any -> any any (" + std::string(options) +
         " sid:" + std::to_string(sid) + ";)\n";
}
inline bool matches(std::string_view options, std::string_view payload) {
  Bench bench(packet_rule(options));
  return !bench.run(payload).empty();
}

}  // namespace chieng::suricata
