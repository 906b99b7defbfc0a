#include "agent/events/eve_writer.h"

#include <gtest/gtest.h>

#include "collected_events.h"

namespace chieng::agent {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kEvents[] = {"odd_request"};
constexpr ProtocolSpec kProtocol{
    .name = "http", .rule_names = {"http", "http1"}, .event_prefix = "http", .events = kEvents};
constexpr const ProtocolSpec* kProtocols[] = {&kProtocol};
constexpr std::string_view kPacketEvents[] = {"decoder.ipv4.pkt_too_small",
                                              "stream.reassembly_depth_reached"};
constexpr AppProto kHttp{2};

class Request final : public Transaction {
 public:
  Request() : Transaction(kHttp, 3) {}
  std::optional<BufferSlice> buffer(unsigned, Direction, std::uint32_t) const override {
    return std::nullopt;
  }
  void write(JsonWriter& out) const override {
    out.key("http")
        .begin_object()
        .field("hostname", "a.example")
        .field("url", "/in?password=hunter2");
    out.key("request_headers")
        .begin_array()
        .begin_object()
        .field("name", "Cookie")
        .field("value", "sid=geheim");
    out.end_object().end_array().end_object();
  }
};

class Flow final : public FlowView {
 public:
  Flow() {
    id = 77;
    key = {.src = *parse_address("2001:db8::1"),
           .dst = *parse_address("2001:db8::2"),
           .src_port = 40000,
           .dst_port = 80,
           .proto = ip_proto::tcp,
           .vlan = {}};
    has_ports = true;
    start = Timestamp::from_seconds(1'700'000'000);
    last = Timestamp::from_seconds(1'700'000'009, 5);
    state = FlowState::closed;
    end = FlowEnd::timeout;
    packets = {3, 2};
    bytes = {300, 200};
    app_proto = app_proto_side[0] = kHttp;
    tcp_flags = {0x1b, 0x12};
    tcp_state = "closed";
    alerted = true;
    tx_count = 1;
  }
  std::span<Transaction* const> transactions() const override { return {}; }
};

class EveWriterTest : public testing::Test {
 protected:
  EveWriterTest() {
    packet_.time = Timestamp::from_seconds(1'700'000'001, 42);
    packet_.number = 7;
    packet_.src = flow_.key.src;
    packet_.dst = flow_.key.dst;
    packet_.ip_version = 6;
    packet_.proto = ip_proto::tcp;
    packet_.has_ports = true;
    packet_.src_port = 40000;
    packet_.dst_port = 80;
    packet_.vlan = {10, 20, 0};
    packet_.vlan_count = 2;
    packet_.frame = as_bytes(std::string_view("rawframe"));
    rule_.sid = 1;
    rule_.rev = 2;
    rule_.message = "planted";
    rule_.category = "Test";
    rule_.references = {"url,example.org"};
    rule_.metadata = {{"tag", "a"}, {"other", "b"}, {"tag", "c"}};
    rule_.target = RuleTarget::destination;
  }

  void alert(EventOptions options, const Transaction* tx = nullptr,
             Direction d = Direction::to_server) {
    EventOut out(std::move(options), sink_);
    out.set_rule_set("abc123");
    EveWriter writer(out, catalogue_);
    Inspection at;
    at.packet = &packet_;
    at.flow = &flow_;
    const std::string_view body = "user=x&password=hunter2&evil";
    const MatchedOption option{.option = "content:\"evil\"",
                               .buffer = "http.request_body",
                               .offset = 24,
                               .length = 4,
                               .data = as_bytes(body),
                               .privacy = FieldClass::content,
                               .note = {}};
    writer.on_alert({.rule = &rule_,
                     .at = &at,
                     .tx = tx,
                     .direction = d,
                     .explain = std::span(&option, 1),
                     .payload = as_bytes(body),
                     .context = {}});
  }

  Catalogue catalogue_{kProtocols, kPacketEvents};
  CollectedEvents sink_;
  Flow flow_;
  PacketView packet_;
  RuleInfo rule_;
};

TEST_F(EveWriterTest, AnAlertSaysWhoWhatAndWhy) {
  const Request tx;
  alert({}, &tx);
  ASSERT_EQ(sink_.events.size(), 1u);
  const Json& e = sink_.events[0];
  EXPECT_EQ(e["timestamp"], "2023-11-14T22:13:21.000042+0000");
  EXPECT_EQ(e["event_type"], "alert");
  EXPECT_EQ(e["flow_id"], 77);
  EXPECT_EQ(e["pcap_cnt"], 7);
  EXPECT_EQ(e["vlan"], Json::array({10, 20}));
  EXPECT_EQ(e["src_ip"], "2001:0db8:0000:0000:0000:0000:0000:0001");
  EXPECT_EQ(e["src_port"], 40000);
  EXPECT_EQ(e["dest_port"], 80);
  EXPECT_EQ(e["proto"], "TCP");
  EXPECT_EQ(e["ip_v"], 6);
  EXPECT_EQ(e["app_proto"], "http");
  EXPECT_EQ(e["tx_id"], 3);
  EXPECT_EQ(e["http"]["hostname"], "a.example");
  EXPECT_EQ(e["flow"]["pkts_toserver"], 3);
  EXPECT_EQ(e["flow"]["src_port"], 40000);
  EXPECT_TRUE(e["community_id"].get<std::string>().starts_with("1:"));
  const Json& a = e["alert"];
  EXPECT_EQ(a["engine"], "suricata");
  EXPECT_EQ(a["action"], "allowed");
  EXPECT_EQ(a["gid"], 1);
  EXPECT_EQ(a["signature_id"], 1);
  EXPECT_EQ(a["rev"], 2);
  EXPECT_EQ(a["signature"], "planted");
  EXPECT_EQ(a["severity"], 3);
  EXPECT_EQ(a["references"], Json::array({"url,example.org"}));
  EXPECT_EQ(a["metadata"], (Json{{"tag", {"a", "c"}}, {"other", {"b"}}}));
  EXPECT_EQ(a["source"]["port"], 40000);
  EXPECT_EQ(a["target"]["port"], 80);
  EXPECT_EQ(a["explain"][0]["buffer"], "http.request_body");
  EXPECT_FALSE(e.contains("payload"));
  EXPECT_EQ(sink_.envelopes[0].event_class, EventClass::alert);
  EXPECT_EQ(sink_.envelopes[0].event_time, packet_.time);
  EXPECT_EQ(sink_.envelopes[0].rule_set, "abc123");
  EXPECT_EQ(sink_.envelopes[0].count, 1u);
}

TEST_F(EveWriterTest, AnAlertOnTheOtherSideOfATransactionIsTurned) {
  const Request tx;
  alert({}, &tx, Direction::to_client);
  EXPECT_EQ(sink_.events[0]["src_port"], 80);
  EXPECT_EQ(sink_.events[0]["direction"], "to_client");
}

TEST_F(EveWriterTest, PayloadAndPacketOnlyWhereAsked) {
  EventOptions options;
  options.payload = options.payload_printable = options.packet = true;
  alert(options);
  EXPECT_EQ(sink_.events[0]["payload_printable"], "user=x&password=hunter2&evil");
  EXPECT_EQ(sink_.events[0]["packet"], "cmF3ZnJhbWU=");
}

TEST_F(EveWriterTest, ReferencesOnlyWhereAsked) {
  EventOptions options;
  options.references = false;
  alert(options);
  EXPECT_FALSE(sink_.events[0]["alert"].contains("references"));
}

TEST_F(EveWriterTest, MaskedAlertsHoldNoSecret) {
  EventOptions options;
  options.payload = options.payload_printable = options.packet = true;
  options.privacy.enabled = true;
  const Request tx;
  alert(options, &tx);
  const std::string& text = sink_.texts[0];
  EXPECT_EQ(text.find("hunter2"), std::string::npos);
  EXPECT_EQ(text.find("geheim"), std::string::npos);
  EXPECT_EQ(text.find(to_hex(as_bytes(std::string_view("hunter2")))), std::string::npos);
  EXPECT_FALSE(sink_.events[0].contains("payload"));
  EXPECT_FALSE(sink_.events[0].contains("payload_printable"));
  EXPECT_FALSE(sink_.events[0].contains("packet"));
  EXPECT_EQ(sink_.events[0]["http"]["url"], "/in?password=***");
}

TEST_F(EveWriterTest, FlowEventsHaveCountsAndFlags) {
  EventOut out({}, sink_);
  EveWriter writer(out, catalogue_);
  writer.on_flow_end(flow_);
  const Json& e = sink_.events[0];
  EXPECT_EQ(e["event_type"], "flow");
  EXPECT_EQ(e["flow"]["age"], 9);
  EXPECT_EQ(e["flow"]["state"], "closed");
  EXPECT_EQ(e["flow"]["reason"], "timeout");
  EXPECT_EQ(e["flow"]["alerted"], true);
  EXPECT_EQ(e["flow"]["bytes_toclient"], 200);
  EXPECT_EQ(e["tcp"]["tcp_flags"], "1b");
  EXPECT_EQ(e["tcp"]["tcp_flags_tc"], "12");
  EXPECT_EQ(e["tcp"]["syn"], true);
  EXPECT_FALSE(e["tcp"].contains("rst"));
  EXPECT_EQ(e["tcp"]["state"], "closed");
  EXPECT_EQ(sink_.envelopes[0].event_class, EventClass::metadata);
}

TEST_F(EveWriterTest, TransactionsFilesAndAnomalies) {
  EventOut out({}, sink_);
  EveWriter writer(out, catalogue_);
  Request tx;
  writer.on_transaction(flow_, tx, &packet_);
  FileView file;
  file.name = "a.exe";
  file.size = 5;
  file.sha256 = "00ff";
  writer.on_file(flow_, &tx, file, &packet_);
  writer.on_app_event(flow_, &tx, "odd_request", "proto_parser", &packet_);
  const std::uint16_t numbers[] = {0, 1};
  packet_.events = numbers;
  writer.on_packet_events(packet_, nullptr);
  ASSERT_EQ(sink_.events.size(), 5u);
  EXPECT_EQ(sink_.events[0]["event_type"], "http");
  EXPECT_EQ(sink_.events[0]["src_port"], 40000);
  EXPECT_EQ(sink_.events[1]["fileinfo"]["filename"], "a.exe");
  EXPECT_EQ(sink_.events[1]["fileinfo"]["state"], "CLOSED");
  EXPECT_EQ(sink_.events[1]["src_port"], 80) << "a file's event goes the way of its bytes";
  EXPECT_EQ(sink_.events[1]["http"]["hostname"], "a.example");
  EXPECT_EQ(sink_.events[2]["anomaly"], (Json{{"app_proto", "http"},
                                              {"type", "applayer"},
                                              {"event", "ODD_REQUEST"},
                                              {"layer", "proto_parser"}}));
  EXPECT_EQ(sink_.events[3]["anomaly"],
            (Json{{"type", "decode"}, {"event", "decoder.ipv4.pkt_too_small"}}));
  EXPECT_EQ(sink_.events[4]["anomaly"]["type"], "stream");
  tx.logging_disabled = true;
  writer.on_transaction(flow_, tx, &packet_);
  EXPECT_EQ(sink_.events.size(), 5u);
}

TEST_F(EveWriterTest, TypesThatNobodyAskedForAreNotWritten) {
  EventOptions options;
  options.types = {"flow"};
  EventOut out(options, sink_);
  EveWriter writer(out, catalogue_);
  const Request tx;
  writer.on_transaction(flow_, tx, &packet_);
  EXPECT_TRUE(sink_.events.empty());
  writer.on_flow_end(flow_);
  EXPECT_EQ(sink_.events.size(), 1u);
}

TEST(EveHeader, ProtocolNames) {
  EXPECT_EQ(proto_name(58), "IPv6-ICMP");
  EXPECT_EQ(proto_name(132), "SCTP");
  EXPECT_EQ(proto_name(253), "253");
}

}  // namespace
}  // namespace chieng::agent
