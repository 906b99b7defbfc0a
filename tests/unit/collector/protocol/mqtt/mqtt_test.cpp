#include "collector/protocol/mqtt/mqtt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

std::string text(std::string_view s) {
  return be16(static_cast<unsigned>(s.size())) + std::string(s);
}
std::string packet(unsigned type, unsigned flags, std::string_view body) {
  std::string out(1, static_cast<char>(type << 4 | flags));
  std::size_t n = body.size();
  do {
    out += static_cast<char>((n & 127) | (n > 127 ? 128 : 0));
    n >>= 7;
  } while (n > 0);
  return out + std::string(body);
}

const std::string kConnect =
    packet(1, 0,
           text("MQTT") + hex("05 c6 003c 03 210014") + text("me") + hex("00") + text("will/t") +
               text("gone") + text("user") + text("pass"));
const std::string kConnack = packet(2, 0, hex("0100 00"));

// A conversation in turns; each side acknowledges all that came before.
struct Talk {
  Recorder r;
  std::uint32_t sent[2] = {0, 0};
  Talk() {
    r.ends.dst_port = 1883;
    r.handshake();
  }
  void say(bool client, const std::string& data) {
    if (client)
      r.client(sent[0], data, sent[1]);
    else
      r.server(sent[1], data, sent[0]);
    sent[client ? 0 : 1] += static_cast<std::uint32_t>(data.size());
  }
  void finish() {
    r.client(sent[0], "", sent[1], tcp_flag::fin | tcp_flag::ack);
    r.server(sent[1], "", sent[0] + 1, tcp_flag::fin | tcp_flag::ack);
    r.client(sent[0] + 1, "", sent[1] + 1);
  }
  [[nodiscard]] nlohmann::json tx(std::size_t n) const {
    return nlohmann::json::parse(r.transactions.at(n))["mqtt"];
  }
};

TEST(Mqtt, ConnectOfVersion5) {
  Talk t;
  t.say(true, kConnect);
  EXPECT_THAT(t.r.transactions, IsEmpty());
  t.say(false, kConnack);
  ASSERT_EQ(t.r.transactions.size(), 1u);
  const auto c = t.tx(0)["connect"];
  EXPECT_EQ(c["protocol_version"], 5);
  EXPECT_EQ(c["client_id"], "me");
  EXPECT_EQ(c["username"], "user");
  EXPECT_EQ(c["will"]["topic"], "will/t");
  EXPECT_EQ(c["will"]["message"], "gone");
  EXPECT_EQ(c["flags"]["will_retain"], false);
  EXPECT_EQ(c["properties"]["receive_maximum"], 20);
  EXPECT_EQ(t.tx(0)["connack"]["session_present"], true);
  EXPECT_EQ(t.tx(0)["connack"]["return_code"], 0);
}

TEST(Mqtt, QosTwoIsOneExchange) {
  Talk t;
  t.say(true, kConnect);
  t.say(false, kConnack);
  t.say(true, packet(3, 4, text("a/b") + hex("0007 00") + "value"));
  t.say(false, packet(5, 0, hex("0007")));
  t.say(true, packet(6, 2, hex("0007")));
  t.say(false, packet(7, 0, hex("0007 92 00")));
  ASSERT_EQ(t.r.transactions.size(), 2u);
  EXPECT_EQ(t.tx(1)["publish"]["topic"], "a/b");
  EXPECT_EQ(t.tx(1)["publish"]["message"], "value");
  EXPECT_EQ(t.tx(1)["publish"]["qos"], 2);
  EXPECT_EQ(t.tx(1)["pubrec"]["reason_code"], 0);
  EXPECT_EQ(t.tx(1)["pubcomp"]["reason_code"], 0x92);
  EXPECT_THAT(t.r.app_events, IsEmpty());
}

TEST(Mqtt, SubscriptionsAndTheirAnswers) {
  Talk t;
  t.say(true, kConnect);
  t.say(false, kConnack);
  t.say(true, packet(8, 2, hex("0001 00") + text("x") + hex("01") + text("y") + hex("02")) +
                  packet(10, 2, hex("0002 00") + text("x")));
  t.say(false, packet(9, 0, hex("0001 00 01 87")) + packet(11, 0, hex("0002 00 11")));
  ASSERT_EQ(t.r.transactions.size(), 3u);
  EXPECT_EQ(t.tx(1)["subscribe"]["topics"][1]["topic"], "y");
  EXPECT_EQ(t.tx(1)["suback"]["qos_granted"][1], 0x87);
  EXPECT_EQ(t.tx(2)["unsubscribe"]["topics"][0], "x");
  EXPECT_EQ(t.tx(2)["unsuback"]["reason_codes"][0], 0x11);
}

TEST(Mqtt, MessagesOutOfPlaceAreNamed) {
  Talk t;
  t.say(true, kConnect);
  t.say(true, packet(12, 0, ""));
  t.say(false, kConnack);
  t.say(true, kConnect);
  t.say(false, packet(4, 0, hex("0009")) + packet(9, 0, hex("0009 00 00")) +
                   packet(11, 0, hex("0009 00 00")));
  t.say(true, packet(3, 6, text("t") + hex("0001 00")) + packet(0, 0, "zz"));
  EXPECT_THAT(
      t.r.app_events,
      ElementsAre("unintroduced_message", "double_connect", "missing_publish", "missing_subscribe",
                  "missing_unsubscribe", "invalid_qos_level", "unassigned_msg_type"));
}

TEST(Mqtt, WhatIsOpenAtTheEndIsReported) {
  Talk t;
  t.say(true, kConnect);
  t.finish();
  ASSERT_EQ(t.r.transactions.size(), 1u);
  EXPECT_EQ(t.tx(0)["connect"]["client_id"], "me");
}

TEST(Mqtt, PiecesOfAnySize) {
  Talk t;
  const std::string all = kConnect + packet(3, 0, text("t") + hex("00") + std::string(300, 'x'));
  for (const char c : all) t.say(true, std::string(1, c));
  t.say(false, kConnack);
  ASSERT_EQ(t.r.transactions.size(), 2u);
  EXPECT_EQ(t.tx(0)["publish"]["message"], std::string(300, 'x'));
}

TEST(Mqtt, AMessageThatIsTooLongIsSkipped) {
  Talk t;
  t.say(true, kConnect);
  t.say(false, kConnack);
  const std::string big = packet(3, 0, text("t") + hex("00") + std::string((1u << 20) + 10, 'x'));
  for (std::size_t at = 0; at < big.size(); at += 1400) t.say(true, big.substr(at, 1400));
  t.say(true, packet(3, 0, text("t") + hex("00") + "after"));
  // The stream's depth is a mebibyte: what follows is not seen, the head of the long one is.
  ASSERT_GE(t.r.transactions.size(), 2u);
  EXPECT_EQ(t.tx(1)["publish"]["truncated"], true);
  EXPECT_EQ(t.tx(1)["publish"]["skipped_length"], big.size());
}

TEST(Mqtt, MalformedEndsIt) {
  Talk t;
  t.say(true, kConnect);
  t.say(false, kConnack);
  t.say(true, packet(8, 2, hex("0001 7f 00")) + kConnect);
  EXPECT_THAT(t.r.app_events, ElementsAre("malformed_traffic"));
}

TEST(Mqtt, OtherTrafficIsNotTaken) {
  const auto probe = [](std::string_view s, bool hint) {
    return kMqtt.probe(Direction::to_server, as_bytes(s), hint);
  };
  EXPECT_EQ(probe("GET / HTTP/1.1\r\n", false), Probe::no);
  EXPECT_EQ(probe(hex("100c 0004 48545450 04 02 003c"), true), Probe::no);
  EXPECT_EQ(probe(kConnect, false), Probe::yes);
  EXPECT_EQ(probe(kConnect.substr(0, 3), false), Probe::maybe);
  EXPECT_EQ(probe(kConnack, false), Probe::no);
  EXPECT_EQ(probe(hex("20020000"), true), Probe::yes);
}

}  // namespace
}  // namespace chieng::collector
