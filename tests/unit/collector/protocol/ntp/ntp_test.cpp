#include "collector/protocol/ntp/ntp.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector {
namespace {

using namespace test;

std::string packet(unsigned first, unsigned stratum, std::string_view reference) {
  std::string out{static_cast<char>(first), static_cast<char>(stratum)};
  out.resize(12);
  out += reference;
  out.resize(48);
  return out;
}

TEST(Ntp, RequestAndReply) {
  Recorder r;
  Ends e;
  e.dst_port = 123;
  r.send(ethernet(ipv4(e, 17, udp(e, packet(0x1b, 0, "")))));
  r.send(ethernet(ipv4(e.reversed(), 17, udp(e.reversed(), packet(0x24, 2, "LOCL")))));
  ASSERT_EQ(r.transactions.size(), 2u);
  const auto request = nlohmann::json::parse(r.transactions[0])["ntp"];
  EXPECT_EQ(request["version"], 3);
  EXPECT_EQ(request["mode"], 3);
  EXPECT_EQ(request["reference_id"], "00:00:00:00");
  const auto reply = nlohmann::json::parse(r.transactions[1])["ntp"];
  EXPECT_EQ(reply["version"], 4);
  EXPECT_EQ(reply["stratum"], 2);
  EXPECT_EQ(reply["reference_id"], "4c:4f:43:4c");
}

TEST(Ntp, ControlMessagesAreShortAndOthersAreNot) {
  Recorder r;
  Ends e;
  e.dst_port = 123;
  r.send(ethernet(ipv4(e, 17, udp(e, hex("26 02 0001 0000 0000 0000 0000")))));
  r.send(ethernet(ipv4(e, 17, udp(e, hex("23 02 0001 0000 0000")))));
  ASSERT_EQ(r.transactions.size(), 1u);
  EXPECT_FALSE(nlohmann::json::parse(r.transactions[0])["ntp"].contains("stratum"));
  ASSERT_EQ(r.app_events.size(), 1u);
  EXPECT_EQ(r.app_events[0], "malformed_data");
}

TEST(Ntp, OnlyOnItsPort) {
  const std::string p = packet(0x1b, 0, "");
  EXPECT_EQ(kNtp.probe(Direction::to_server, as_bytes(p), false), Probe::no);
  EXPECT_EQ(kNtp.probe(Direction::to_server, as_bytes(p), true), Probe::yes);
  EXPECT_EQ(kNtp.probe(Direction::to_server, as_bytes(packet(0x0b, 0, "")), true), Probe::no);
}

}  // namespace
}  // namespace chieng::collector
