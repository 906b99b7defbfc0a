// Floods within small budgets: memory stays bounded, what is lost is counted, and conversations
// that were there before are still inspected.
#include <gtest/gtest.h>

#include "collector/flow/segments.h"
#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector {
namespace {

using namespace test;

// One conversation, and a stranger who sends what a test wants between its packets.
struct Flooded : Recorder {
  explicit Flooded(const SensorSettings& settings) : Recorder(settings) { handshake(); }
  void syn_from(std::uint32_t address) {
    Ends e;
    e.src = be32(address);
    send(ethernet(ipv4(e, 6, tcp(e, address, 0, tcp_flag::syn))));
  }
  // The text arrived whole, though the flood goes on between its bytes.
  void expect_inspected() {
    sensor.finish();
    EXPECT_EQ(streams[0], said);
  }
  void talk(char c) {
    client(static_cast<std::uint32_t>(said.size()), std::string(1, c));
    said += c;
  }
  std::string said;
};

TEST(Flood, OfNewConnections) {
  SensorSettings settings;
  settings.flow.capacity = 1000;
  Flooded r(settings);
  for (std::uint32_t i = 0; i < 50'000; ++i) {
    r.syn_from(0x0b000000 + i);
    if (i % 5000 == 0) r.talk(static_cast<char>('a' + i / 5000));
    ASSERT_LE(r.sensor.counters().flows_active, 1000u);
  }
  EXPECT_EQ(r.sensor.counters().flows_evicted, 49'001u);
  EXPECT_EQ(r.said.size(), 10u);
  r.expect_inspected();
}

// The conversation says nothing while many times the capacity of the table passes by.
TEST(Flood, DoesNotPushOutAConversationThatPauses) {
  SensorSettings settings;
  settings.flow.capacity = 500;
  Flooded r(settings);
  r.talk('a');
  for (std::uint32_t i = 0; i < 20'000; ++i) r.syn_from(0x0b000000 + i);
  r.talk('b');
  EXPECT_EQ(r.sensor.counters().tcp_midstream, 0u);
  r.expect_inspected();
}

TEST(Flood, OfConversationsPushesOutTheOneThatIsIdleLongest) {
  SensorSettings settings;
  settings.flow.capacity = 100;
  Recorder r(settings);
  for (std::uint32_t i = 0; i < 300; ++i) {
    r.ends.src = be32(0x0b000000 + i);
    r.handshake();
  }
  EXPECT_EQ(r.sensor.counters().flows_active, 100u);
  ASSERT_EQ(r.ended.size(), 200u);
  EXPECT_EQ(r.ended.front().key.src, IpAddress::v4(0x0b000000));
  EXPECT_EQ(r.ended.back().why, FlowEnd::forced);
}

TEST(Flood, OfFragments) {
  SensorSettings settings;
  settings.defrag.memory = 64 * 1024;
  settings.defrag.capacity = 1000;
  Flooded r(settings);
  Ends e;
  e.src = hex("0b000001");
  for (unsigned i = 0; i < 30'000; ++i) {
    r.send(ethernet(ipv4(e, 17, std::string(64, 'f'), i & 0xffff, 0x2000)));
    if (i % 3000 == 0) r.talk('x');
  }
  EXPECT_EQ(r.sensor.counters().fragments, 30'000u);
  EXPECT_GT(r.sensor.counters().fragments_dropped, 29'000u - 64 * 1024 / 64);
  r.expect_inspected();
}

// Many bytes in tiny pieces cost what they take, not what they carry.
TEST(Flood, OfTinySegmentsOutOfOrder) {
  SensorSettings settings;
  settings.stream.memory = 20 * (Segments::kPieceCost + 1);
  Recorder r(settings);
  r.handshake();
  for (std::uint32_t i = 0; i < 100; ++i) r.client(10 + 2 * i, "z");
  EXPECT_EQ(r.sensor.counters().segments_dropped, 80u);
  EXPECT_LE(r.sensor.counters().memory, settings.stream.memory);
}

}  // namespace
}  // namespace chieng::collector
