#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector {
namespace {

using namespace test;

std::string datagram(const Ends& e, std::string_view data = "x") {
  return ethernet(ipv4(e, 17, udp(e, data)));
}
constexpr std::int64_t kSecond = 1'000'000;

TEST(Flow, BothDirectionsAreOneFlow) {
  Recorder r;
  r.send(datagram(r.ends));
  EXPECT_FALSE(r.established);
  r.send(datagram(r.ends.reversed()));
  EXPECT_TRUE(r.established);
  EXPECT_EQ(r.last_direction, Direction::to_client);
  r.sensor.finish();
  ASSERT_EQ(r.ended.size(), 1u);
  EXPECT_EQ(r.ended[0].packets[0], 1u);
  EXPECT_EQ(r.ended[0].packets[1], 1u);
}

TEST(Flow, VlansAreDifferentFlows) {
  Recorder r;
  r.send(ethernet(hex("0001 0800") + ipv4(r.ends, 17, udp(r.ends, "x")), 0x8100));
  r.send(ethernet(hex("0002 0800") + ipv4(r.ends, 17, udp(r.ends, "x")), 0x8100));
  EXPECT_EQ(r.sensor.counters().flows, 2u);
}

TEST(Flow, TimeoutsGoByState) {
  Recorder r;
  Ends two = r.ends;
  two.src_port = 40001;
  r.send(datagram(r.ends), 10 * kSecond);
  r.send(datagram(two), 10 * kSecond);
  r.send(datagram(two.reversed()), 10 * kSecond);
  r.sensor.advance(Timestamp::from_seconds(41));  // 30 s for the one without an answer
  ASSERT_EQ(r.ended.size(), 1u);
  EXPECT_EQ(r.ended[0].why, FlowEnd::timeout);
  EXPECT_EQ(r.ended[0].key.src_port, 40000);
  r.sensor.advance(Timestamp::from_seconds(311));
  EXPECT_EQ(r.ended.size(), 2u);
  EXPECT_EQ(r.sensor.counters().flows_timed_out, 2u);
  EXPECT_EQ(r.sensor.counters().flows_active, 0u);
}

TEST(Flow, TheLongestIdleFlowGoesWhenTheTableIsFull) {
  SensorSettings settings;
  settings.flow.capacity = 3;
  Recorder r(settings);
  for (std::uint16_t port = 1; port <= 3; ++port) {
    Ends e = r.ends;
    e.src_port = port;
    r.send(datagram(e));
  }
  Ends e = r.ends;
  e.src_port = 1;
  r.send(datagram(e));
  e.src_port = 4;
  r.send(datagram(e));
  ASSERT_EQ(r.ended.size(), 1u);
  EXPECT_EQ(r.ended[0].why, FlowEnd::forced);
  EXPECT_EQ(r.ended[0].key.src_port, 2);
  EXPECT_EQ(r.sensor.counters().flows_evicted, 1u);
  EXPECT_EQ(r.sensor.counters().flows_active, 3u);
}

TEST(Flow, EchoAndReplyAreOneFlow) {
  Recorder r;
  r.send(ethernet(ipv4(r.ends, 1, icmp(8, 0, hex("00010001") + "ping"))));
  r.send(ethernet(ipv4(r.ends.reversed(), 1, icmp(0, 0, hex("00010001") + "ping"))));
  EXPECT_EQ(r.sensor.counters().flows, 1u);
  EXPECT_EQ(r.last_direction, Direction::to_client);
}

TEST(Flow, FragmentsHaveNoFlowButTheirDatagramHas) {
  Recorder r;
  const std::string whole = udp(r.ends, "0123456789abcdef");
  r.send(ethernet(ipv4(r.ends, 17, whole.substr(0, 16), 7, 0x2000)));
  EXPECT_FALSE(r.last_has_flow);
  r.send(ethernet(ipv4(r.ends, 17, whole.substr(16), 7, 2)));
  EXPECT_TRUE(r.last_has_flow);
  EXPECT_EQ(r.fragments, 2);
  EXPECT_EQ(r.payloads.back(), "0123456789abcdef");
  EXPECT_EQ(r.sensor.counters().reassembled, 1u);
}

TEST(Flow, APacketInATunnelIsInspectedOnItsOwn) {
  Recorder r;
  const Ends outer{hex("c0000201"), hex("c0000202"), 0, 0};
  r.send(ethernet(ipv4(outer, 47, hex("0000 0800") + ipv4(r.ends, 17, udp(r.ends, "inside")))));
  EXPECT_EQ(r.inspections, 2);
  EXPECT_EQ(r.sensor.counters().flows, 1u);  // GRE itself has none
  EXPECT_EQ(r.payloads.back(), "inside");
}

TEST(Flow, UnknownProtocolsFail) {
  Recorder r;
  r.handshake();
  r.client(0, std::string(20, '\xfe'));
  r.server(0, std::string(20, '\xfd'), 20);
  r.sensor.finish();
  EXPECT_EQ(r.ended[0].proto, kAppFailed);
}

}  // namespace
}  // namespace chieng::collector
