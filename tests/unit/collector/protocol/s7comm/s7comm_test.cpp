#include "collector/protocol/s7comm/s7comm.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector {
namespace {

using namespace test;

const std::string kConnect = hex("03000016 11 e0 0000 0001 00 c1020100 c2020102 c0010a");
const std::string kSetup = hex("03000019 02f080 3201 0000 0000 0008 0000 f000 0001 0001 01e0");

TEST(S7comm, ConnectAndTheFirstJob) {
  Recorder r;
  r.ends.dst_port = 102;
  r.handshake();
  const std::string all = kConnect + kSetup;
  for (std::size_t i = 0; i < all.size(); i += 5)
    r.client(static_cast<std::uint32_t>(i), std::string_view(all).substr(i, 5));
  ASSERT_EQ(r.transactions.size(), 1u);
  const auto hello = nlohmann::json::parse(r.transactions[0])["s7comm"];
  EXPECT_EQ(hello["source_tsap"], "0100");
  EXPECT_EQ(hello["target_tsap"], "0102");
  EXPECT_EQ(hello["rosctr"], 1);
  EXPECT_EQ(hello["function"], 0xf0);
  EXPECT_EQ(hello["plus"], false);
}

TEST(S7comm, OnlyOnItsPort) {
  EXPECT_EQ(kS7comm.probe(Direction::to_server, as_bytes(kConnect), true), Probe::yes);
  EXPECT_EQ(kS7comm.probe(Direction::to_server, as_bytes(kConnect), false), Probe::no);
  EXPECT_EQ(kS7comm.probe(Direction::to_server, as_bytes(std::string_view("GET / ")), true),
            Probe::no);
}

}  // namespace
}  // namespace chieng::collector
