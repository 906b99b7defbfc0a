#include "collector/protocol/mdns/mdns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector {
namespace {

using namespace test;
using testing::ElementsAre;

// a.local A 192.0.2.1, s.local SRV 1 2 80 h.local, a TXT
const std::string kAnswer =
    hex("0000 8400 0000 0003 0000 0000 0161 056c6f63616c 00 0001 8001 00000078 0004 c0000201"
        "0173 c00e 0021 0001 00000078 000a 0001 0002 0050 0168 c00e"
        "0174 c00e 0010 0001 00000078 0004 03613d62");

void send(Recorder& r, unsigned port, const std::string& data) {
  Ends e;
  e.src_port = e.dst_port = static_cast<std::uint16_t>(port);
  r.send(ethernet(ipv4(e, 17, udp(e, data))));
}

TEST(Mdns, RecordsByTheirTypes) {
  Recorder r;
  send(r, 5353, kAnswer);
  ASSERT_EQ(r.transactions.size(), 1u);
  const auto m = nlohmann::json::parse(r.transactions[0])["mdns"];
  EXPECT_EQ(m["type"], "response");
  EXPECT_EQ(m["flags"], nlohmann::json({"aa"}));
  EXPECT_EQ(m["answers"][0]["rrname"], "a.local");
  EXPECT_EQ(m["answers"][0]["a"], "192.0.2.1");
  EXPECT_EQ(m["answers"][1]["srv"]["name"], "h.local");
  EXPECT_EQ(m["answers"][1]["srv"]["port"], 80);
  EXPECT_EQ(m["answers"][2]["txt"], nlohmann::json({"a=b"}));
}

TEST(Mdns, ItsPortTells) {
  Recorder r;
  const std::string query = hex("0007 0000 0001 0000 0000 0000 0161 056c6f63616c 00 000c 0001");
  send(r, 5353, query);
  send(r, 5355, query);
  send(r, 5999, query);
  EXPECT_THAT(r.tx_protocols, ElementsAre("mdns", "llmnr"));
  const auto m = nlohmann::json::parse(r.transactions[1])["llmnr"];
  EXPECT_EQ(m["queries"][0]["rrname"], "a.local");
  EXPECT_EQ(m["queries"][0]["rrtype"], "ptr");
}

TEST(Mdns, LlmnrOverTcpInPieces) {
  Recorder r;
  r.ends.dst_port = 5355;
  r.handshake();
  const std::string query = hex("0007 0000 0001 0000 0000 0000 0161 056c6f63616c 00 0001 0001");
  const std::string stream = be16(static_cast<unsigned>(query.size())) + query;
  const std::string all = stream + stream;
  for (std::size_t i = 0; i < all.size(); i += 5)
    r.client(static_cast<std::uint32_t>(i), std::string_view(all).substr(i, 5));
  EXPECT_EQ(r.transactions.size(), 2u);
}

TEST(Mdns, WhatCannotBeReadIsNamed) {
  Recorder r;
  send(r, 5353, kAnswer);
  send(r, 5353, hex("0007 0000 0005"));
  EXPECT_THAT(r.app_events, ElementsAre("malformed_data"));
  EXPECT_EQ(r.transactions.size(), 1u);
}

}  // namespace
}  // namespace chieng::collector
