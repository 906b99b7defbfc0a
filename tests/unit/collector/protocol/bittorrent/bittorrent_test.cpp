#include "collector/protocol/bittorrent/bittorrent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

const std::string kId = "abcdefghij0123456789";

void send(Recorder& r, const Ends& e, const std::string& data) {
  r.send(ethernet(ipv4(e, 17, udp(e, data))));
}
nlohmann::json tx(const Recorder& r, std::size_t n) {
  return nlohmann::json::parse(r.transactions.at(n))["bittorrent_dht"];
}

TEST(BittorrentDht, QueryResponseAndError) {
  Recorder r;
  send(r, r.ends,
       "d1:ad2:id20:" + kId + "9:info_hash20:" + kId + "e1:q9:get_peers1:t2:aa1:v2:xy1:y1:qe");
  send(r, r.ends.reversed(),
       "d1:rd2:id20:" + kId + "5:nodes26:" + kId + hex("c00002010050") +
           "6:valuesl6:" + hex("c00002021ae1") + "ee1:t2:aa1:y1:re");
  send(r, r.ends.reversed(), "d1:eli201e5:Oops!e1:t2:ab1:y1:ee");
  ASSERT_EQ(r.transactions.size(), 3u);
  EXPECT_EQ(tx(r, 0)["request_type"], "get_peers");
  EXPECT_EQ(tx(r, 0)["transaction_id"], "6161");
  EXPECT_EQ(tx(r, 0)["client_version"], "7879");
  EXPECT_EQ(tx(r, 0)["request"]["info_hash"], "6162636465666768696a30313233343536373839");
  EXPECT_EQ(tx(r, 1)["response"]["nodes"][0]["ip"], "192.0.2.1");
  EXPECT_EQ(tx(r, 1)["response"]["nodes"][0]["port"], 80);
  EXPECT_EQ(tx(r, 1)["response"]["values"][0]["port"], 6881);
  EXPECT_EQ(tx(r, 2)["error"]["num"], 201);
  EXPECT_EQ(tx(r, 2)["error"]["msg"], "Oops!");
  EXPECT_THAT(r.app_events, IsEmpty());
}

TEST(BittorrentDht, WhatIsNotWholeIsNamed) {
  Recorder r;
  send(r, r.ends, "d1:ad2:id20:abc");
  send(r, r.ends,
       "d1:ad2:id20:" + kId + "1:x" + std::string(1000, 'l') + "e1:q4:ping1:t1:a1:y1:qe");
  send(r, r.ends, "d1:ad2:id20:" + kId + "e1:q4:ping1:y1:qe");
  EXPECT_THAT(r.app_events,
              ElementsAre("malformed_packet", "malformed_packet", "malformed_packet"));
}

}  // namespace
}  // namespace chieng::collector
