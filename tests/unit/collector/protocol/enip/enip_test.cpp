#include "collector/protocol/enip/enip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

std::string little(std::size_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(v >> 8 * i & 0xff);
  return out;
}
std::string message(unsigned command, const std::string& body, unsigned status = 0) {
  return little(command, 2) + little(body.size(), 2) + little(7, 4) + little(status, 4) +
         std::string(12, '\0') + body;
}
// An unconnected CIP message.
std::string cip(const std::string& data) {
  return message(0x6f, std::string(6, '\0') + little(2, 2) + std::string(4, '\0') +
                           little(0xb2, 2) + little(data.size(), 2) + data);
}

struct Talk {
  Recorder r;
  std::uint32_t sent[2] = {0, 0};
  Talk() {
    r.ends.dst_port = 44818;
    r.handshake();
  }
  void ask(const std::string& data) {
    r.client(sent[0], data, sent[1]);
    sent[0] += static_cast<std::uint32_t>(data.size());
  }
  void answer(const std::string& data) {
    r.server(sent[1], data, sent[0]);
    sent[1] += static_cast<std::uint32_t>(data.size());
  }
  [[nodiscard]] nlohmann::json tx(std::size_t n) const {
    return nlohmann::json::parse(r.transactions.at(n))["enip"];
  }
};

TEST(Enip, SessionServicesAndIdentity) {
  Talk t;
  t.ask(message(0x65, hex("01000000")) + message(0x04, "") + message(0x63, ""));
  const std::string name = "Comms";
  t.answer(message(0x65, hex("01000000")) +
           message(0x04, little(1, 2) + little(0x100, 2) + little(4 + name.size(), 2) +
                             hex("01002001") + name) +
           message(0x63, little(1, 2) + little(0x0c, 2) + little(38, 2) + hex("0100") +
                             std::string(16, '\0') + hex("0100 0e00 3700 14 0b 6000 78563412") +
                             "\x04"
                             "1756"
                             "\x03"));
  ASSERT_EQ(t.r.transactions.size(), 3u);
  EXPECT_EQ(t.tx(0)["request"]["register_session"]["protocol_version"], 1);
  EXPECT_EQ(t.tx(1)["response"]["list_services"]["service_name"], "Comms");
  const auto i = t.tx(2)["response"]["identity"];
  EXPECT_EQ(i["revision"], "20.11");
  EXPECT_EQ(i["vendor_id"], "Rockwell Automation/Allen-Bradley");
  EXPECT_EQ(i["device_type"], "Programmable Logic Controller");
  EXPECT_EQ(i["serial"], 0x12345678);
  EXPECT_EQ(i["product_name"], "1756");
  EXPECT_EQ(i["state"], 3);
  EXPECT_THAT(t.r.app_events, IsEmpty());
}

TEST(Enip, CipPathsStatusAndSeveralInOne) {
  Talk t;
  t.ask(cip(hex("0e 03 2001 2401 3007")));
  t.answer(cip(hex("8e 00 05 01 3412")));
  t.ask(cip(hex("0a 02 2002 2401 0200 0600 0e00 0e 03 208e 2401 3001 01 02 2103 0001")));
  t.answer(cip(hex("8a 00 00 00 0200 0600 0a00 8e000000 81000800")));
  ASSERT_EQ(t.r.transactions.size(), 2u);
  const auto one = t.tx(0);
  EXPECT_EQ(one["request"]["cip"]["service"], "Get Attributes Single");
  EXPECT_EQ(one["request"]["cip"]["path"][2]["segment_type"], "attribute");
  EXPECT_EQ(one["request"]["cip"]["path"][2]["value"], 7);
  EXPECT_EQ(one["request"]["cip"]["class_name"], "Identity");
  EXPECT_EQ(one["response"]["cip"]["status"], "Path Destination Unknown");
  EXPECT_EQ(one["response"]["cip"]["status_extended"], "3412");
  EXPECT_EQ(t.tx(1)["request"]["cip"]["multiple"][1]["path"][0]["value"], 256);
  EXPECT_EQ(t.tx(1)["response"]["cip"]["multiple"][1]["status"], "Service Not Supported");
}

TEST(Enip, PiecesAndBrokenBodies) {
  Talk t;
  const std::string ask =
      cip(hex("0e 03 2001 2401 3007")) + message(0x6f, hex("0000")) + cip(hex("0e 7f 2001"));
  for (const char c : ask) t.ask(std::string(1, c));
  EXPECT_THAT(t.r.app_events, ElementsAre("invalid_pdu", "invalid_pdu"));
  t.answer(cip(hex("8e 00 00 00")));
  EXPECT_EQ(t.r.transactions.size(), 1u);
}

TEST(Enip, OnlyOnItsPort) {
  const std::string m = message(0x63, "");
  EXPECT_EQ(kEnip.probe(Direction::to_server, as_bytes(m), false), Probe::no);
  EXPECT_EQ(kEnip.probe(Direction::to_server, as_bytes(m), true), Probe::yes);
  EXPECT_EQ(kEnip.probe(Direction::to_server, as_bytes(message(0x99, "")), true), Probe::no);
}

}  // namespace
}  // namespace chieng::collector
