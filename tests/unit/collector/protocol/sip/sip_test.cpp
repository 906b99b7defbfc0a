#include "collector/protocol/sip/sip.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kSdp =
    "v=0\r\no=alice 1 1 IN IP4 10.0.0.1\r\ns=call\r\nc=IN IP4 10.0.0.1\r\nb=AS:64\r\nt=0 0\r\n"
    "r=1 2 3\r\na=sendrecv\r\nm=audio 4000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
    "m=video 4002 RTP/AVP 31\r\n";

std::string message(std::string_view first, std::string_view body = {}) {
  return fmt::format(
      "{}\r\nVia: SIP/2.0/UDP a\r\nf: <sip:alice@a>\r\nTo: <sip:bob@b>\r\nUser-Agent: phone\r\n"
      "c: application/sdp\r\nl: {}\r\n\r\n{}",
      first, body.size(), body);
}

Ends sip_ends() {
  Ends e;
  e.dst_port = 5060;
  return e;
}
void send(Recorder& r, const Ends& e, const std::string& data) {
  r.send(ethernet(ipv4(e, 17, udp(e, data))));
}
nlohmann::json tx(const Recorder& r, std::size_t n) {
  return nlohmann::json::parse(r.transactions.at(n))["sip"];
}

TEST(Sip, RequestAndResponseWithADescription) {
  Recorder r;
  send(r, sip_ends(), message("INVITE sip:bob@b SIP/2.0", kSdp));
  send(r, sip_ends().reversed(), message("SIP/2.0 180 Ringing bell"));
  ASSERT_EQ(r.transactions.size(), 2u);
  const auto request = tx(r, 0);
  EXPECT_EQ(request["method"], "INVITE");
  EXPECT_EQ(request["uri"], "sip:bob@b");
  EXPECT_EQ(request["request_line"], "INVITE sip:bob@b SIP/2.0");
  const auto& sdp = request["sdp"];
  EXPECT_EQ(sdp["session_name"], "call");
  EXPECT_EQ(sdp["time_descriptions"][0]["repeat_time"], "1 2 3");
  EXPECT_EQ(sdp["attributes"], nlohmann::json({"sendrecv"}));
  EXPECT_EQ(sdp["media_descriptions"][0]["attributes"][0], "rtpmap:0 PCMU/8000");
  EXPECT_EQ(sdp["media_descriptions"].size(), 2u);
  const auto response = tx(r, 1);
  EXPECT_EQ(response["code"], "180");
  EXPECT_EQ(response["reason"], "Ringing bell");
  EXPECT_FALSE(response.contains("sdp"));
  EXPECT_EQ(r.tx_protocols[0], "sip");
}

TEST(Sip, TcpMessagesInPiecesBehindKeepAlives) {
  Recorder r;
  r.ends.dst_port = 5060;
  r.handshake();
  const std::string all = "\r\n\r\n" + message("INVITE sip:bob@b SIP/2.0", kSdp) + "\r\n" +
                          message("ACK sip:bob@b SIP/2.0");
  for (std::size_t i = 0; i < all.size(); i += 11)
    r.client(static_cast<std::uint32_t>(i), std::string_view(all).substr(i, 11));
  ASSERT_EQ(r.transactions.size(), 2u);
  EXPECT_EQ(tx(r, 0)["sdp"]["origin"], "alice 1 1 IN IP4 10.0.0.1");
  EXPECT_EQ(tx(r, 1)["method"], "ACK");
}

TEST(Sip, WhatIsNoMessageIsNamedAndTheNextOneIsRead) {
  Recorder r;
  send(r, sip_ends(), message("OPTIONS sip:b SIP/2.0"));
  send(r, sip_ends(), "HELLO\r\n\r\n");
  send(r, sip_ends(), "\r\n\r\n");
  send(r, sip_ends(), message("BYE sip:b SIP/2.0"));
  EXPECT_EQ(r.transactions.size(), 2u);
  EXPECT_THAT(r.app_events, ElementsAre("invalid_data"));
}

TEST(Sip, AGapIsSurvived) {
  Recorder r;
  r.ends.dst_port = 5060;
  r.handshake();
  const std::string one = message("INVITE sip:b SIP/2.0", kSdp);
  const auto n = static_cast<std::uint32_t>(one.size());
  r.client(0, one);
  r.client(n + 100, one);  // 100 bytes are never seen, though the other side has them
  r.server(0, "", 2 * n + 100);
  r.client(2 * n + 100, one);
  r.server(0, "", 3 * n + 100);
  EXPECT_GE(r.transactions.size(), 2u);
}

TEST(Sip, OtherTrafficIsNotTaken) {
  const auto probe = [](std::string_view s) {
    return kSip.probe(Direction::to_server, as_bytes(s), true);
  };
  EXPECT_EQ(probe("OPTIONS / HTTP/1.1\r\n"), Probe::no);
  EXPECT_EQ(probe("NOTIFY * HTTP/1.1\r\n"), Probe::no);
  EXPECT_EQ(probe("INVITED sip:b SIP/2.0\r\n"), Probe::no);
  EXPECT_EQ(probe("INV"), Probe::maybe);
  EXPECT_EQ(probe("SIP/2.0 200 OK\r\n"), Probe::yes);
}

}  // namespace
}  // namespace chieng::collector
