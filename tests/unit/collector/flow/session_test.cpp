#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector {
namespace {

using namespace test;
using testing::Contains;

TEST(Session, ClosesByFin) {
  Recorder r;
  r.handshake();
  r.client(0, "hi", 0, tcp_flag::ack | tcp_flag::fin);
  r.server(0, "yo", 3, tcp_flag::ack | tcp_flag::fin);
  r.client(3, "", 3);
  r.sensor.finish();
  ASSERT_EQ(r.ended.size(), 1u);
  EXPECT_EQ(r.ended[0].tcp, "closed");
  EXPECT_EQ(r.ended[0].state, FlowState::closed);
  EXPECT_EQ(r.ended[0].why, FlowEnd::shutdown);
  EXPECT_EQ(r.streams[0], "hi");
  EXPECT_EQ(r.streams[1], "yo");
  EXPECT_EQ(r.stream_size[0], 4u);  // SYN, two bytes, FIN
}

TEST(Session, ClosesByReset) {
  Recorder r;
  r.handshake();
  r.client(0, "hi");
  r.server(0, "", 2, tcp_flag::rst | tcp_flag::ack);
  r.client(2, "late");
  EXPECT_FALSE(r.last_in_stream);
  r.sensor.finish();
  EXPECT_EQ(r.ended[0].tcp, "closed");
  EXPECT_EQ(r.streams[0], "hi");
}

TEST(Session, AResetOutsideTheWindowIsIgnored) {
  Recorder r;
  r.handshake();
  r.server(1'000'000, "", 0, tcp_flag::rst);
  r.client(0, "go on");
  EXPECT_TRUE(r.last_in_stream);
}

TEST(Session, NothingIsTakenUpInTheMiddle) {
  Recorder r;
  r.client(0, "GET / HTTP/1.1\r\n\r\n");
  EXPECT_FALSE(r.last_in_stream);
  EXPECT_TRUE(r.last_has_flow);
  EXPECT_FALSE(r.established);
}

TEST(Session, MidstreamTakesUp) {
  SensorSettings settings;
  settings.stream.midstream = true;
  Recorder r(settings);
  r.client(0, "abc");
  EXPECT_TRUE(r.last_in_stream);
  EXPECT_TRUE(r.established);
  r.server(0, "def", 3);
  r.sensor.finish();
  EXPECT_EQ(r.streams[0], "abc");
  EXPECT_EQ(r.streams[1], "def");
}

TEST(Session, MidstreamSynAckTurnsTheFlow) {
  SensorSettings settings;
  settings.stream.midstream = true;
  Recorder r(settings);
  r.tcp_packet(false, 5000, 1001, tcp_flag::syn | tcp_flag::ack);
  EXPECT_EQ(r.last_direction, Direction::to_client);
  r.client(0, "abc");
  r.sensor.finish();
  EXPECT_EQ(r.ended[0].key.dst_port, 80);
  EXPECT_EQ(r.streams[0], "abc");
}

TEST(Session, OneSideOnly) {
  SensorSettings settings;
  settings.stream.async_oneside = true;
  Recorder r(settings);
  r.tcp_packet(true, 1000, 0, tcp_flag::syn);
  r.tcp_packet(true, 1001, 5001, tcp_flag::ack);
  r.client(0, "abc");
  EXPECT_TRUE(r.last_in_stream);
}

TEST(Session, ASynOnClosedPortsIsANewFlow) {
  Recorder r;
  r.handshake();
  r.server(0, "", 0, tcp_flag::rst | tcp_flag::ack);
  r.client_isn = 90000;
  r.handshake();
  ASSERT_EQ(r.ended.size(), 1u);
  EXPECT_EQ(r.ended[0].why, FlowEnd::tcp_reuse);
  r.client(0, "again");
  r.sensor.finish();
  EXPECT_EQ(r.ended.size(), 2u);
  EXPECT_EQ(r.streams[0], "again");
}

TEST(Session, AWrongSynAckIsNoHandshake) {
  Recorder r;
  r.tcp_packet(true, 1000, 0, tcp_flag::syn);
  r.tcp_packet(false, 5000, 4711, tcp_flag::syn | tcp_flag::ack);
  EXPECT_THAT(r.events, Contains("stream.3whs_synack_with_wrong_ack"));
  r.client(0, "abc");
  EXPECT_FALSE(r.last_in_stream);
}

TEST(Session, TheHandshakesLastPacketMayBeMissing) {
  Recorder r;
  r.tcp_packet(true, 1000, 0, tcp_flag::syn);
  r.tcp_packet(false, 5000, 1001, tcp_flag::syn | tcp_flag::ack);
  r.client(0, "abc");
  EXPECT_TRUE(r.last_in_stream);
  EXPECT_TRUE(r.established);
}

}  // namespace
}  // namespace chieng::collector
