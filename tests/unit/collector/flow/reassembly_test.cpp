#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector {
namespace {

using namespace test;
using testing::Contains;
using testing::Not;

constexpr std::string_view kText = "the quick brown fox jumps over the lazy dog";

TEST(Reassembly, DataInOrder) {
  Recorder r;
  r.handshake();
  r.client(0, kText.substr(0, 10));
  EXPECT_TRUE(r.last_in_stream);
  EXPECT_TRUE(r.established);
  r.client(10, kText.substr(10));
  r.sensor.finish();
  EXPECT_EQ(r.streams[0], kText);
}

// The same stream however it is cut, in order and the second piece first.
TEST(Reassembly, EveryCutGivesTheSame) {
  for (std::size_t cut = 1; cut < kText.size(); ++cut) {
    Recorder forward, backward;
    forward.handshake();
    forward.client(0, kText.substr(0, cut));
    forward.client(static_cast<std::uint32_t>(cut), kText.substr(cut));
    forward.sensor.finish();
    EXPECT_EQ(forward.streams[0], kText) << cut;
    backward.handshake();
    backward.client(static_cast<std::uint32_t>(cut), kText.substr(cut));
    backward.client(0, kText.substr(0, cut));
    backward.sensor.finish();
    EXPECT_EQ(backward.streams[0], kText) << cut;
    EXPECT_EQ(backward.sensor.counters().memory, 0u);
  }
}

TEST(Reassembly, SequenceNumbersWrap) {
  for (std::uint32_t before = 0; before < 12; ++before) {
    Recorder r;
    r.client_isn = 0xffffffffu - before;
    r.handshake();
    r.client(20, kText.substr(20));
    r.client(0, kText.substr(0, 8));
    r.client(8, kText.substr(8, 12));
    r.sensor.finish();
    EXPECT_EQ(r.streams[0], kText) << before;
  }
}

TEST(Reassembly, RetransmissionsAreIgnored) {
  Recorder r;
  r.handshake();
  r.client(0, "abc");
  r.client(0, "XYZ");
  r.client(1, "YZdef");
  r.sensor.finish();
  EXPECT_EQ(r.streams[0], "abcdef");
  EXPECT_EQ(r.sensor.counters().retransmissions, 1u);
}

TEST(Reassembly, EarlierStartWinsAmongWaitingSegments) {
  Recorder r;
  r.handshake();
  r.client(4, "aaaa");
  r.client(2, "bbbb");
  EXPECT_THAT(r.events, Contains("stream.reassembly_overlap_different_data"));
  r.client(0, "cc");
  r.sensor.finish();
  EXPECT_EQ(r.streams[0], "ccbbbbaa");
}

TEST(Reassembly, AnAcknowledgedHoleIsAGap) {
  Recorder r;
  r.handshake();
  r.client(0, "abc");
  r.client(6, "ghi");
  r.server(0, "", 9);
  r.client(9, "jkl");
  r.sensor.finish();
  EXPECT_EQ(r.streams[0], "abcghijkl");
  EXPECT_THAT(r.events, Contains("stream.reassembly_seq_gap"));
  EXPECT_EQ(r.sensor.counters().gap_bytes, 3u);
  bool after_gap = false;
  for (const auto& c : r.chunks)
    if (c.offset == 6) after_gap = c.start && c.data.starts_with("ghi");
  EXPECT_TRUE(after_gap);
}

TEST(Reassembly, WhatWaitsAtTheEndIsHandedOn) {
  Recorder r;
  r.handshake();
  r.client(3, "def");
  r.sensor.finish();
  EXPECT_EQ(r.streams[0], "def");
  EXPECT_EQ(r.sensor.counters().gaps, 1u);
}

TEST(Reassembly, DepthEndsTheStream) {
  SensorSettings settings;
  settings.stream.reassembly_depth = 5;
  Recorder r(settings);
  r.handshake();
  r.client(0, "abcdefgh");
  EXPECT_TRUE(r.last_in_stream);
  EXPECT_THAT(r.events, Contains("stream.reassembly_depth_reached"));
  EXPECT_EQ(r.streams[0], "abcde");
  r.client(8, "ijk");
  EXPECT_FALSE(r.last_in_stream);
  r.sensor.finish();
  EXPECT_EQ(r.streams[0], "abcde");
}

TEST(Reassembly, AWrongChecksumDoesNotCount) {
  Recorder r;
  r.handshake();
  std::string bytes = ethernet(ipv4(r.ends, 6, tcp(r.ends, 1001, 5001, tcp_flag::ack, "evil")));
  bytes.back() ^= 1;
  r.send(bytes);
  EXPECT_FALSE(r.last_in_stream);
  r.client(0, "good");
  r.sensor.finish();
  EXPECT_EQ(r.streams[0], "good");
}

TEST(Reassembly, DataOutsideTheWindowDoesNotCount) {
  Recorder r;
  r.tcp_packet(true, 1000, 0, tcp_flag::syn);
  r.tcp_packet(false, 5000, 1001, tcp_flag::syn | tcp_flag::ack, {}, 100);
  r.tcp_packet(true, 1001, 5001, tcp_flag::ack);
  r.client(200, "outside");
  EXPECT_FALSE(r.last_in_stream);
  EXPECT_THAT(r.events, Contains("stream.est_packet_out_of_window"));
}

TEST(Reassembly, ChunksAreDueBySize) {
  SensorSettings settings;
  settings.stream.chunk_size = 100;
  Recorder r(settings);
  r.handshake();
  r.client(0, std::string(60, 'a'));
  EXPECT_TRUE(r.chunks.empty());
  r.client(60, std::string(60, 'b'));
  ASSERT_EQ(r.chunks.size(), 1u);
  EXPECT_TRUE(r.chunks[0].start);
  EXPECT_EQ(r.chunks[0].data.size(), 120u);
  r.client(120, "tail", 0, tcp_flag::ack | tcp_flag::fin);
  ASSERT_EQ(r.chunks.size(), 2u);
  EXPECT_EQ(r.chunks[1].offset, 120u);
  EXPECT_FALSE(r.chunks[1].start);
  EXPECT_TRUE(r.chunks[1].end);
}

TEST(Reassembly, MemoryIsBounded) {
  SensorSettings settings;
  settings.stream.memory = 1000;
  Recorder r(settings);
  r.handshake();
  for (std::uint32_t i = 0; i < 40; ++i) r.client(10 + i * 200, std::string(100, 'x'));
  EXPECT_LE(r.sensor.counters().memory, 1000u);
  EXPECT_GT(r.sensor.counters().segments_dropped, 0u);
  EXPECT_THAT(r.events, Contains("stream.reassembly_insert_memcap"));
}

}  // namespace
}  // namespace chieng::collector
