#include "collector/protocol/quic/quic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "collector/protocol/quic/crypto_stream.h"
#include "collector/protocol/quic/frames.h"
#include "collector/protocol/quic/google_hello.h"
#include "collector/protocol/quic/header.h"
#include "core/bytes/reader.h"
#include "core/file/file.h"
#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector {
namespace {

using namespace test;

// Plays a recorded conversation (a byte of direction, two of length, a datagram) to the port.
std::vector<nlohmann::json> play(Recorder& r, const std::string& name, std::uint16_t port = 443) {
  const auto file = read_file(std::string(CHIENG_TEST_DATA) + "/quic/" + name);
  EXPECT_TRUE(file) << name;
  r.ends.dst_port = port;
  Reader in(as_bytes(*file));
  while (!in.at_end()) {
    const Ends ends = in.u8() == 0 ? r.ends : r.ends.reversed();
    r.send(ethernet(ipv4(ends, 17, udp(ends, as_text(in.take(in.u16()))))));
  }
  r.sensor.finish();
  std::vector<nlohmann::json> out;
  for (const std::string& tx : r.transactions) out.push_back(nlohmann::json::parse(tx)["quic"]);
  return out;
}

TEST(Quic, ReadsBothHellos) {
  Recorder r;
  const auto quic = play(r, "v1");
  ASSERT_EQ(quic.size(), 2u);
  EXPECT_EQ(quic[0]["version"], "1");
  EXPECT_EQ(quic[0]["sni"], "quic.example.org");
  EXPECT_EQ(quic[0]["ja3"]["string"], "771,4865-4866-2570,0-16-10-13-43-64250,29-23,");
  EXPECT_TRUE(quic[0]["ja4"].get<std::string>().starts_with("q13d0205h3_"));
  EXPECT_EQ(quic[0]["extensions"][0]["values"][0], "quic.example.org");
  EXPECT_EQ(quic[0]["extensions"][4]["values"][0], "Tls13");
  EXPECT_EQ(quic[1]["ja3s"]["string"], "771,4865,43-51");
  EXPECT_FALSE(quic[1].contains("sni"));
  EXPECT_THAT(r.app_events, testing::IsEmpty());
}

TEST(Quic, OtherVersions) {
  for (const auto& [name, version] : {std::pair{"v2", "v2"},
                                      {"draft29", "ff00001d"},
                                      {"q043", "Q043"},
                                      {"q046", "Q046"},
                                      {"q050", "51303530"}}) {
    Recorder r;
    const auto quic = play(r, name);
    ASSERT_EQ(quic.size(), 1u) << name;
    EXPECT_EQ(quic[0]["version"], version);
    EXPECT_TRUE(quic[0].contains("sni")) << name;
  }
}

TEST(Quic, HelloInPiecesOverTwoDatagrams) {
  Recorder r;
  const auto quic = play(r, "v1-pieces");
  ASSERT_EQ(quic.size(), 4u);  // a piece, 0-RTT, the rest; the server's
  EXPECT_FALSE(quic[0].contains("sni"));
  EXPECT_EQ(quic[2]["sni"], "quic.example.org");
  EXPECT_TRUE(quic[3].contains("ja3s"));
}

TEST(Quic, RetryChangesTheKeys) {
  Recorder r;
  const auto quic = play(r, "retry");
  ASSERT_EQ(quic.size(), 4u);
  EXPECT_EQ(quic[0]["sni"], "quic.example.org");
  EXPECT_EQ(quic[2]["sni"], "quic.example.org");
  EXPECT_TRUE(quic[3].contains("ja3s"));
  EXPECT_THAT(r.app_events, testing::IsEmpty());
}

TEST(Quic, NegotiationIsShown) {
  Recorder r;
  const auto quic = play(r, "negotiation");
  ASSERT_EQ(quic.size(), 2u);
  EXPECT_EQ(quic[1]["version"], "0");
}

TEST(Quic, AnotherPortIsToldByContent) {
  Recorder r;
  EXPECT_EQ(play(r, "v1", 4433).size(), 2u);
  EXPECT_EQ(r.tx_protocols[0], "quic");
  Recorder old;  // Google's header of old says too little of itself
  EXPECT_EQ(play(old, "q043", 4433).size(), 0u);
}

TEST(Quic, Faults) {
  for (const auto& [name, event] : {std::pair{"wrong-keys", "failed_decrypt"},
                                    {"bad-frame", "error_on_data"},
                                    {"beyond", "crypto_frag_too_long"}}) {
    Recorder r;
    play(r, name);
    EXPECT_THAT(r.app_events, testing::ElementsAre(event)) << name;
  }
}

TEST(Quic, HeadersThatDoNotFit) {
  using quic::parse_header;
  EXPECT_FALSE(parse_header({}));
  EXPECT_FALSE(parse_header(as_bytes(hex("40aabbccdd"))));    // short header
  EXPECT_FALSE(parse_header(as_bytes(hex("c000000001ff"))));  // id is not there
  EXPECT_FALSE(parse_header(as_bytes(hex("c00000000115" + std::string(42, '0') + "000000"))));
  EXPECT_FALSE(parse_header(as_bytes(hex("c0000000010100000041000000"))));          // length
  EXPECT_FALSE(parse_header(as_bytes(hex("c000000001010000ffffffffffffffff00"))));  // token
}

TEST(Quic, CryptoStreamTakesPiecesInAnyOrder) {
  quic::CryptoStream s;
  EXPECT_TRUE(s.add(6, as_bytes("ghi")));
  EXPECT_TRUE(s.start().empty());
  EXPECT_TRUE(s.add(1, as_bytes("bc")));
  EXPECT_TRUE(s.add(0, as_bytes("aXXXefXXX")));  // the first bytes of a place stay
  EXPECT_EQ(as_text(s.start()), "abcXefghi");
  EXPECT_TRUE(s.add(9, as_bytes("j")));
  EXPECT_EQ(as_text(s.start()), "abcXefghij");
  EXPECT_FALSE(s.add(quic::CryptoStream::kMaxBytes, as_bytes("x")));
  EXPECT_FALSE(s.add(~0ull, as_bytes("x")));
}

TEST(Quic, CryptoStreamBoundsItsHoles) {
  quic::CryptoStream s;
  std::size_t taken = 0;
  for (std::uint64_t at = 1; at < 1000; at += 2) taken += s.add(at, as_bytes("x"));
  EXPECT_EQ(taken, quic::CryptoStream::kMaxRanges);
}

TEST(Quic, GoogleHelloWithWrongEnds) {
  const std::string head = "CHLO" + hex("0200 0000");
  EXPECT_FALSE(quic::parse_google_hello(
      as_bytes(head + "SNI" + hex("00 05000000") + "UAID" + hex("04000000") + "abcde")));
  EXPECT_FALSE(quic::parse_google_hello(
      as_bytes(head + "SNI" + hex("00 ffffffff") + "UAID" + hex("ffffffff") + "abcde")));
  const auto good = quic::parse_google_hello(
      as_bytes(head + "SNI" + hex("00 03000000") + "UAID" + hex("05000000") + "abcde"));
  ASSERT_TRUE(good);
  EXPECT_EQ(good->sni, "abc");
  EXPECT_EQ(good->user_agent, "de");
}

}  // namespace
}  // namespace chieng::collector
