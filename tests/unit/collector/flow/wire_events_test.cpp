// Stream events and counts as seen from outside: what is repeated, missing, reset or not a
// connection at all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector {
namespace {

using namespace test;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

TEST(WireEvents, RepeatedAcknowledgedDataIsSpurious) {
  Recorder r;
  r.handshake();
  r.client(0, "hello");
  r.server(0, "", 5);
  r.client(0, "hello");
  EXPECT_THAT(r.events, ElementsAre("stream.pkt_spurious_retransmission"));
  r.client(5, " world");
  r.sensor.finish();
  EXPECT_EQ(r.streams[0], "hello world");
}

TEST(WireEvents, AKeepAliveIsNoRetransmission) {
  Recorder r;
  r.handshake();
  r.client(0, "hello");
  r.server(0, "", 5);
  r.client(4, "o");
  r.client(4, "");
  EXPECT_THAT(r.events, IsEmpty());
}

TEST(WireEvents, ARepeatedFinIsARetransmission) {
  Recorder r;
  r.handshake();
  r.server(0, "bye", 0, tcp_flag::ack | tcp_flag::fin);
  r.server(0, "bye", 0, tcp_flag::ack | tcp_flag::fin);
  EXPECT_THAT(r.events, ElementsAre("stream.pkt_retransmission"));
}

TEST(WireEvents, AGapIsOneOnceDataFollowsIt) {
  Recorder r;
  r.handshake();
  r.server(0, "", 10);  // ten bytes that were not captured
  EXPECT_THAT(r.events, IsEmpty());
  r.client(10, "after");
  r.server(0, "", 15);
  EXPECT_THAT(r.events, ElementsAre("stream.reassembly_seq_gap"));
  r.sensor.finish();
  EXPECT_EQ(r.streams[0], "after");
}

TEST(WireEvents, LateDataThatWereAcknowledgedUnseenAreTaken) {
  Recorder r;
  r.handshake();
  r.server(0, "", 5);
  r.client(0, "hello");
  r.sensor.finish();
  EXPECT_EQ(r.streams[0], "hello");
}

TEST(WireEvents, AResetTakesTheNextByteOnly) {
  Recorder r;
  r.handshake();
  r.client(0, "hello");
  r.client(0, "", 0, tcp_flag::rst | tcp_flag::ack);
  r.client(5, " world");
  EXPECT_TRUE(r.last_in_stream);
  r.client(11, "", 0, tcp_flag::rst | tcp_flag::ack);
  r.client(11, "late");
  EXPECT_FALSE(r.last_in_stream);
}

TEST(WireEvents, WhatACloseDoesNotAllow) {
  constexpr unsigned ack = tcp_flag::ack, fin = tcp_flag::ack | tcp_flag::fin;
  {
    Recorder r;  // the client ends first
    r.handshake();
    r.client(0, "", 0, fin);
    r.client(70'000, "late", 0);
    r.client(1, "", 100'000);
    r.server(100'000, "", 1, fin);
    r.tcp_packet(true, r.client_isn, 0, tcp_flag::syn);
    EXPECT_THAT(r.events,
                ElementsAre("stream.closewait_ack_out_of_window", "stream.pkt_invalid_ack",
                            "stream.closewait_invalid_ack", "stream.closewait_fin_out_of_window",
                            "stream.shutdown_syn_resend"));
  }
  {
    Recorder r;  // the server does
    r.handshake();
    r.server(0, "", 0, fin);
    r.client(100'000, "x", 0, ack);
    r.client(100'000, "", 0, fin);
    r.client(0, "x", 100'000, ack);
    EXPECT_THAT(r.events, ElementsAre("stream.fin1_ack_wrong_seq", "stream.fin1_fin_wrong_seq",
                                      "stream.pkt_invalid_ack", "stream.fin1_invalid_ack"));
  }
}

TEST(WireEvents, AFinThatIsSentAgainAtTheEndIsNothing) {
  Recorder r;
  r.handshake();
  r.client(0, "", 0, tcp_flag::ack | tcp_flag::fin);
  for (int i = 0; i < 3; ++i) r.server(0, "bye", 1, tcp_flag::ack | tcp_flag::fin);
  EXPECT_THAT(r.events, IsEmpty());
}

TEST(WireEvents, AFinOutOfPlace) {
  Recorder r;
  r.handshake();
  r.client(100'000, "", 0, tcp_flag::ack | tcp_flag::fin);
  r.client(0, "", 100'000, tcp_flag::ack | tcp_flag::fin);
  r.client(0, "still open");
  EXPECT_TRUE(r.last_in_stream);
  EXPECT_THAT(r.events, ElementsAre("stream.fin_out_of_window", "stream.pkt_invalid_ack",
                                    "stream.fin_invalid_ack"));
}

TEST(WireEvents, ASynOnAnOpenConnection) {
  Recorder r;
  r.handshake();
  constexpr unsigned both = tcp_flag::syn | tcp_flag::ack;
  r.tcp_packet(true, r.client_isn, 1, both);
  r.tcp_packet(false, r.server_isn, r.client_isn + 7, both);
  r.tcp_packet(false, r.server_isn + 7, r.client_isn + 1, both);
  r.tcp_packet(false, r.server_isn, 0, tcp_flag::syn);
  EXPECT_THAT(r.events,
              ElementsAre("stream.est_synack_toserver", "stream.est_synack_resend_with_diff_ack",
                          "stream.est_synack_resend_with_diff_seq", "stream.est_syn_toclient"));
}

TEST(WireEvents, BothSidesOpenAtOnce) {
  Recorder r;
  constexpr unsigned both = tcp_flag::syn | tcp_flag::ack;
  r.tcp_packet(true, r.client_isn, 0, tcp_flag::syn);
  r.tcp_packet(false, r.server_isn, 0, tcp_flag::syn);
  r.tcp_packet(true, r.client_isn, r.server_isn + 9, both);
  r.tcp_packet(true, r.client_isn + 9, r.server_isn + 1, both);
  r.tcp_packet(true, r.client_isn, r.server_isn + 1, both);
  r.tcp_packet(false, r.server_isn + 9, r.client_isn + 1, tcp_flag::ack);
  EXPECT_THAT(r.events, ElementsAre("stream.4whs_synack_with_wrong_ack",
                                    "stream.4whs_synack_with_wrong_syn", "stream.4whs_wrong_seq"));
  r.server(0, "", 0);
  EXPECT_TRUE(r.established);
}

TEST(WireEvents, AResetOfTheSynHasToAcknowledgeIt) {
  Recorder r;
  r.tcp_packet(true, r.client_isn, 0, tcp_flag::syn);
  r.tcp_packet(false, 0, r.client_isn + 9, tcp_flag::rst | tcp_flag::ack);
  EXPECT_THAT(r.events, ElementsAre("stream.pkt_invalid_ack", "stream.rst_invalid_ack"));
  r.tcp_packet(false, 0, r.client_isn + 1, tcp_flag::rst | tcp_flag::ack);
  r.sensor.finish();
  EXPECT_EQ(r.ended[0].tcp, "closed");
}

TEST(WireEvents, AnAckNumberWithoutTheFlagIsBroken) {
  Recorder r;
  r.tcp_packet(true, 1000, 7, tcp_flag::syn);
  EXPECT_THAT(r.events, Contains("stream.pkt_broken_ack"));
}

TEST(WireEvents, TheServersWindowIsThatOfTheClientsSyn) {
  Recorder r;
  r.tcp_packet(true, 1000, 0, tcp_flag::syn, {}, 5000);
  r.tcp_packet(false, 5000, 1001, tcp_flag::syn | tcp_flag::ack, {}, 5000);
  r.server(0, std::string(1000, 'x'));  // before the client has said more
  r.client(0, "", 1000);
  EXPECT_THAT(r.events, IsEmpty());
}

TEST(WireEvents, PacketsWithoutAConnectionHaveNoTcpState) {
  Recorder r;
  r.client(0, "data", 0, tcp_flag::ack | tcp_flag::psh);
  r.sensor.finish();
  ASSERT_EQ(r.ended.size(), 1u);
  EXPECT_EQ(r.ended[0].tcp, "");
  EXPECT_EQ(r.ended[0].flags, (std::array<std::uint8_t, 2>{}));
}

TEST(WireEvents, AnErrorBelongsToTheFlowItQuotes) {
  Recorder r;
  const Ends client;
  r.send(ethernet(ipv4(client, 17, udp(client, "question"))));
  const std::string quoted = ipv4(client, 17, udp(client, "question"));
  r.send(ethernet(ipv4(client.reversed(), 1, icmp(3, 3, std::string(4, '\0') + quoted))));
  r.send(ethernet(ipv4(client.reversed(), 1, icmp(11, 0, std::string(4, '\0') + quoted))));
  r.sensor.finish();
  ASSERT_EQ(r.ended.size(), 1u);  // the second is about a hop, and of no flow
  EXPECT_EQ(r.ended[0].packets, (std::array<std::uint64_t, 2>{1, 1}));
  EXPECT_EQ(r.ended[0].state, FlowState::fresh);  // nobody answered
}

TEST(WireEvents, TeredoCarriesIpv6) {
  Recorder r;
  const Ends outer{{"\x0a\0\0\x01", 4}, {"\x0a\0\0\x02", 4}, 50000, 3544};
  const Ends inner{std::string(16, '\1'), std::string(16, '\2'), 1, 2};
  const std::string origin = hex("0000 1234 01020304");
  r.send(ethernet(ipv4(outer, 17, udp(outer, origin + ipv6(inner, 17, udp(inner, "in"))))));
  r.sensor.finish();
  ASSERT_EQ(r.ended.size(), 2u);
  EXPECT_EQ(r.ended[1].key.src.version, 6);
  EXPECT_THAT(r.payloads, Contains("in"));
}

TEST(WireEvents, GtpCarriesIp) {
  Recorder r;
  const Ends outer{{"\x0a\0\0\x01", 4}, {"\x0a\0\0\x02", 4}, 2152, 2152};
  const Ends inner;
  const std::string packet = ipv4(inner, 17, udp(inner, "in"));
  const std::string header = hex("30 ff") + be16(static_cast<unsigned>(packet.size())) + be32(7);
  r.send(ethernet(ipv4(outer, 17, udp(outer, header + packet))));
  EXPECT_THAT(r.payloads, Contains("in"));
  r.payloads.clear();
  r.send(ethernet(ipv4(outer, 17, udp(outer, hex("32 ff 0002 00000007 00 00")))));  // cut short
  EXPECT_THAT(r.payloads, Not(Contains("in")));
}

}  // namespace
}  // namespace chieng::collector
