// Encrypted connections: followed as ever, or only counted where the settings say so.
#include <gtest/gtest.h>

#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector {
namespace {

using namespace test;

const std::string kHello =
    hex("16030100 2f 0100002b 0303") + std::string(32, 'r') + hex("00 0002 1301 0100 0000");
const std::string kRecord = hex("170303 0064") + std::string(100, '\xe1');

// A connection whose two sides are encrypted, after `records` of them from each.
struct Encrypted : Recorder {
  explicit Encrypted(bool bypass) : Recorder(with(bypass)) {
    ends.dst_port = 443;
    handshake();
    client(0, kHello);
    server(0, kRecord, hello);
    client(hello, kRecord, 105);
    for (std::uint32_t i = 1; i < 50; ++i) {
      server(105 * i, kRecord, hello + 105 * i);
      client(hello + 105 * i, kRecord, 105 * (i + 1));
    }
  }
  static SensorSettings with(bool bypass) {
    SensorSettings out;
    out.bypass_encrypted = bypass;
    return out;
  }
  void close() {
    client(hello + 5250, "", 5250, tcp_flag::fin | tcp_flag::ack);
    server(5250, "", hello + 5251, tcp_flag::fin | tcp_flag::ack);
    client(hello + 5251, "", 5251);
  }
  static constexpr std::uint32_t hello = 52;
};

TEST(Bypass, IsOffUnlessAskedFor) {
  Encrypted r(false);
  EXPECT_EQ(r.sensor.counters().bypassed_packets, 0u);
  EXPECT_EQ(r.inspections, 104);
}

TEST(Bypass, OnlyCounts) {
  Encrypted tracked(false), bypassed(true);
  EXPECT_EQ(bypassed.sensor.counters().bypassed_packets, 99u);
  EXPECT_EQ(bypassed.inspections, 5);
  for (Encrypted* r : {&tracked, &bypassed}) {
    r->close();
    r->sensor.finish();
    ASSERT_EQ(r->ended.size(), 1u);
  }
  EXPECT_EQ(bypassed.transactions, tracked.transactions);
  EXPECT_EQ(bypassed.ended[0].packets, tracked.ended[0].packets);
  EXPECT_EQ(bypassed.ended[0].flags, tracked.ended[0].flags);
  EXPECT_EQ(bypassed.ended[0].tcp, tracked.ended[0].tcp);
  EXPECT_EQ(bypassed.ended[0].state, FlowState::closed);
  EXPECT_EQ(bypassed.events, tracked.events);
}

TEST(Bypass, AnotherConnectionOnTheSameAddressesIsFollowed) {
  Encrypted r(true);
  r.close();
  r.client_isn += 100'000;
  r.ends.dst_port = 443;
  r.handshake();
  r.client(0, "plain text of an unknown kind");
  r.sensor.finish();
  ASSERT_EQ(r.ended.size(), 2u);
  EXPECT_TRUE(r.streams[0].ends_with("plain text of an unknown kind"));
}

}  // namespace
}  // namespace chieng::collector
