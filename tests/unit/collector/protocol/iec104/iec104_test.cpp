#include "collector/protocol/iec104/iec104.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

const std::string kStart = hex("680407000000"), kTest = hex("680443000000");
// A general interrogation of station 1.
const std::string kInterrogation = hex("680e 0000 0000 64 01 06 00 0100 000000 14");

nlohmann::json tx(const Recorder& r, std::size_t n) {
  return nlohmann::json::parse(r.transactions.at(n))["iec104"];
}

TEST(Iec104, StartAndInterrogationInPieces) {
  Recorder r;
  r.ends.dst_port = 2404;
  r.handshake();
  const std::string all = kStart + kTest + kInterrogation;
  for (std::size_t i = 0; i < all.size(); i += 3)
    r.client(static_cast<std::uint32_t>(i), std::string_view(all).substr(i, 3));
  ASSERT_EQ(r.transactions.size(), 2u);
  EXPECT_EQ(tx(r, 0)["function"], "startdt_act");
  EXPECT_EQ(tx(r, 1)["type_id"], 100);
  EXPECT_EQ(tx(r, 1)["cause"], 6);
  EXPECT_EQ(tx(r, 1)["common_address"], 1);
  EXPECT_EQ(tx(r, 1)["information_object"], 0);
  EXPECT_THAT(r.app_events, IsEmpty());
}

TEST(Iec104, RubbishIsNamedOnceAndPassed) {
  Recorder r;
  r.ends.dst_port = 2404;
  r.handshake();
  r.client(0, kStart + "waste" + kInterrogation);
  EXPECT_EQ(r.transactions.size(), 2u);
  EXPECT_THAT(r.app_events, ElementsAre("invalid_start"));
}

TEST(Iec104, OnlyOnItsPort) {
  EXPECT_EQ(kIec104.probe(Direction::to_server, as_bytes(kStart), true), Probe::yes);
  EXPECT_EQ(kIec104.probe(Direction::to_server, as_bytes(kStart), false), Probe::no);
  EXPECT_EQ(kIec104.probe(Direction::to_server, as_bytes(std::string_view("hello!")), true),
            Probe::no);
}

}  // namespace
}  // namespace chieng::collector
