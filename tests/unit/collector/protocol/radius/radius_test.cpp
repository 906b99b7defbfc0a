#include "collector/protocol/radius/radius.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector {
namespace {

using namespace test;

std::string attribute(unsigned type, const std::string& value) {
  return std::string{static_cast<char>(type), static_cast<char>(value.size() + 2)} + value;
}
std::string message(unsigned code, const std::string& attributes) {
  return std::string{static_cast<char>(code), '\x07'} +
         be16(static_cast<unsigned>(20 + attributes.size())) + std::string(16, 'A') + attributes;
}

TEST(Radius, RequestAndAnswerWithoutThePassword) {
  Recorder r;
  Ends e;
  e.dst_port = 1812;
  const std::string ask =
      message(1, attribute(1, "an") + attribute(2, std::string(16, 'p')) +
                     attribute(4, hex("0a000001")) + attribute(31, "02-00-00-00-00-01"));
  r.send(ethernet(ipv4(e, 17, udp(e, ask))));
  r.send(ethernet(ipv4(e.reversed(), 17, udp(e.reversed(), message(3, attribute(18, "no"))))));
  ASSERT_EQ(r.transactions.size(), 2u);
  const auto request = nlohmann::json::parse(r.transactions[0])["radius"];
  EXPECT_EQ(request["type"], "access_request");
  EXPECT_EQ(request["user_name"], "an");
  EXPECT_EQ(request["nas_ip_address"], "10.0.0.1");
  EXPECT_EQ(r.transactions[0].find("pppp"), std::string::npos);
  const auto answer = nlohmann::json::parse(r.transactions[1])["radius"];
  EXPECT_EQ(answer["type"], "access_reject");
  EXPECT_EQ(answer["reply_message"], "no");
}

TEST(Radius, LengthsHaveToFit) {
  const auto probe = [](const std::string& m, bool hint) {
    return kRadius.probe(Direction::to_server, as_bytes(m), hint);
  };
  EXPECT_EQ(probe(message(1, attribute(1, "an")), true), Probe::yes);
  EXPECT_EQ(probe(message(1, attribute(1, "an")), false), Probe::no);
  EXPECT_EQ(probe(message(1, hex("0109")), true), Probe::no);
  EXPECT_EQ(probe(message(1, hex("0100")), true), Probe::no);
  EXPECT_EQ(probe(message(200, ""), true), Probe::no);
}

}  // namespace
}  // namespace chieng::collector
