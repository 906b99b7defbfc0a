#include "collector/protocol/rfb/rfb.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

struct Piece {
  bool client;
  std::string data;
};

nlohmann::json play(Recorder& r, const std::vector<Piece>& pieces, std::size_t size = 1400) {
  r.ends.dst_port = 7000;  // told by content
  r.handshake();
  std::uint32_t sent[2]{};
  for (const Piece& p : pieces)
    for (std::size_t at = 0; at < p.data.size(); at += size) {
      const std::string part = p.data.substr(at, size);
      if (p.client)
        r.client(sent[0], part, sent[1]);
      else
        r.server(sent[1], part, sent[0]);
      sent[p.client ? 0 : 1] += static_cast<std::uint32_t>(part.size());
    }
  r.sensor.finish();
  EXPECT_EQ(r.transactions.size(), 1u);
  return r.transactions.empty() ? nlohmann::json()
                                : nlohmann::json::parse(r.transactions[0])["rfb"];
}

std::string screen(const std::string& name) {
  return hex("0400 0300 20 18 00 01 00ff 00ff 00ff 10 08 00 000000") +
         be32(static_cast<std::uint32_t>(name.size())) + name;
}
const std::string k8 = "RFB 003.008\n", k7 = "RFB 003.007\n", k3 = "RFB 003.003\n";
const std::string kChallenge(16, 'C'), kResponse(16, 'R');

TEST(Rfb, VncAuthenticationByteByByte) {
  for (const std::size_t size : {1u, 3u, 1400u}) {
    Recorder r;
    const auto rfb = play(r,
                          {{false, k8},
                           {true, k8},
                           {false, hex("020102")},
                           {true, hex("02")},
                           {false, kChallenge},
                           {true, kResponse},
                           {false, be32(0)},
                           {true, hex("01")},
                           {false, screen("desk")},
                           {true, std::string(40, 'x')}},
                          size);
    EXPECT_EQ(rfb["server_protocol_version"]["minor"], "008");
    EXPECT_EQ(rfb["authentication"]["security_type"], 2);
    EXPECT_EQ(rfb["authentication"]["vnc"]["challenge"], "43434343434343434343434343434343");
    EXPECT_EQ(rfb["authentication"]["security_result"], "OK");
    EXPECT_TRUE(rfb["screen_shared"].get<bool>());
    EXPECT_EQ(rfb["framebuffer"]["width"], 1024);
    EXPECT_EQ(rfb["framebuffer"]["name"], "desk");
    EXPECT_EQ(rfb["framebuffer"]["pixel_format"]["red_shift"], 16);
    EXPECT_THAT(r.app_events, IsEmpty());
  }
}

TEST(Rfb, OlderVersionsWithoutPassword) {
  Recorder r3, r7;
  const auto three = play(
      r3, {{false, k8}, {true, k3}, {false, be32(1)}, {true, hex("00")}, {false, screen("old")}});
  EXPECT_EQ(three["framebuffer"]["name"], "old");
  EXPECT_FALSE(three["screen_shared"].get<bool>());
  const auto seven = play(r7, {{false, k7},
                               {true, k7},
                               {false, hex("0101")},
                               {true, hex("01") + hex("01")},  // the next one at once
                               {false, screen("seven")}});
  EXPECT_EQ(seven["framebuffer"]["name"], "seven");
  EXPECT_THAT(r7.app_events, IsEmpty());
}

TEST(Rfb, ReasonsOfRefusal) {
  Recorder none, failed;
  EXPECT_EQ(play(none, {{false, k8},
                        {true, k8},
                        {false, hex("00") + be32(4) + "nope"}})["server_security_failure_reason"],
            "nope");
  const auto rfb = play(failed, {{false, k8},
                                 {true, k8},
                                 {false, hex("0102")},
                                 {true, hex("02")},
                                 {false, kChallenge},
                                 {true, kResponse},
                                 {false, be32(1) + be32(5) + "wrong"}});
  EXPECT_EQ(rfb["authentication"]["security_result"], "FAIL");
  EXPECT_EQ(rfb["server_security_failure_reason"], "wrong");
}

TEST(Rfb, Faults) {
  const std::vector<std::pair<std::string, std::vector<Piece>>> cases = {
      {"malformed_message", {{false, "RFB 3.8\n        "}}},
      {"unimplemented_security_type",
       {{false, k8}, {true, k8}, {false, hex("011e")}, {true, hex("1e")}}},
      {"unknown_security_result",
       {{false, k8}, {true, k8}, {false, hex("0101")}, {true, hex("01")}, {false, be32(9)}}},
      {"too_long_string", {{false, k8}, {true, k8}, {false, hex("00") + be32(0xffffffff)}}},
      {"confused_state", {{false, k8}, {true, k8}, {true, "out of turn"}}},
  };
  for (const auto& [event, pieces] : cases) {
    Recorder r;
    play(r, pieces);
    EXPECT_THAT(r.app_events, ElementsAre(event));
  }
}

TEST(Rfb, OneSideAloneIsBounded) {
  Recorder r;
  play(r, {{false, k8}, {false, std::string(20000, 'x')}});
  EXPECT_THAT(r.app_events, ElementsAre("confused_state"));
}

}  // namespace
}  // namespace chieng::collector
