#include "collector/protocol/dhcp/dhcp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

std::string message(unsigned op, std::string_view options, std::string_view name_field = {},
                    std::string_view file_field = {}) {
  std::string out(1, static_cast<char>(op));
  out += hex("010600 00000007 0000 0000 0a000003 0a000004 0a000001 00000000 020000000001");
  out += std::string(10, '\0');
  std::string name(name_field), file(file_field);
  name.resize(64);
  file.resize(128);
  return out + name + file + hex("63825363") + std::string(options);
}

Ends dhcp_ends() {
  Ends e;
  e.src_port = 68;
  e.dst_port = 67;
  return e;
}
void send(Recorder& r, const Ends& e, const std::string& data) {
  r.send(ethernet(ipv4(e, 17, udp(e, data))));
}
nlohmann::json tx(const Recorder& r, std::size_t n) {
  return nlohmann::json::parse(r.transactions.at(n))["dhcp"];
}

TEST(Dhcp, RequestAndReply) {
  Recorder r;
  send(r, dhcp_ends(),
       message(1, hex("350103 3704 01030f96 3d07 01020000000001 3204 0a000004 0c03") + "pc1" +
                      hex("ff")));
  send(r, dhcp_ends().reversed(),
       message(2, hex("350105 3304 00000e10 3a04 00000708 3b04 00000c4e 0104 ffffff00"
                      "0308 0a000001 0a000002 0604 0a000035 ff")));
  ASSERT_EQ(r.transactions.size(), 2u);
  const auto request = tx(r, 0);
  EXPECT_EQ(request["type"], "request");
  EXPECT_EQ(request["dhcp_type"], "request");
  EXPECT_EQ(request["id"], 7);
  EXPECT_EQ(request["client_mac"], "02:00:00:00:00:01");
  EXPECT_EQ(request["client_id"], "02:00:00:00:00:01");
  EXPECT_EQ(request["hostname"], "pc1");
  EXPECT_EQ(request["params"],
            nlohmann::json({"subnet_mask", "router", "domain", "tftp_server_ip"}));
  EXPECT_FALSE(request.contains("relay_ip"));
  const auto reply = tx(r, 1);
  EXPECT_EQ(reply["dhcp_type"], "ack");
  EXPECT_EQ(reply["assigned_ip"], "10.0.0.4");
  EXPECT_EQ(reply["next_server_ip"], "10.0.0.1");
  EXPECT_EQ(reply["lease_time"], 3600);
  EXPECT_EQ(reply["rebinding_time"], 3150);
  EXPECT_EQ(reply["routers"][1], "10.0.0.2");
  EXPECT_THAT(r.app_events, IsEmpty());
}

TEST(Dhcp, OptionsInTheFieldsOfNameAndFile) {
  Recorder r;
  send(
      r, dhcp_ends(),
      message(1, hex("350101 340103 ff"), hex("0c02") + "pc" + hex("ff"), hex("3304 0000003c ff")));
  ASSERT_EQ(r.transactions.size(), 1u);
  EXPECT_EQ(tx(r, 0)["hostname"], "pc");
  EXPECT_EQ(tx(r, 0)["lease_time"], 60);
}

TEST(Dhcp, BrokenOptionsAreNamed) {
  Recorder r;
  send(r, dhcp_ends(), message(1, hex("350101 0c20 6162")));
  send(r, dhcp_ends(), message(1, hex("350101 3301 01 ff")));
  EXPECT_THAT(r.app_events, ElementsAre("truncated_options", "malformed_options"));
  EXPECT_EQ(r.transactions.size(), 2u);
  EXPECT_FALSE(tx(r, 1).contains("lease_time"));
}

TEST(Dhcp, OnlyTheCookieTells) {
  std::string wrong = message(1, hex("ff"));
  wrong[236] = 'x';
  EXPECT_EQ(kDhcp.probe(Direction::to_server, as_bytes(wrong), true), Probe::no);
  EXPECT_EQ(kDhcp.probe(Direction::to_server, as_bytes(message(2, "")), false), Probe::yes);
}

}  // namespace
}  // namespace chieng::collector
