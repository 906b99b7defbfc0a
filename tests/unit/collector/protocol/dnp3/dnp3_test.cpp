#include "collector/protocol/dnp3/dnp3.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "collector/protocol/dnp3/link.h"
#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector {
namespace {

using namespace test;
using testing::Contains;
using testing::IsEmpty;

std::string little16(unsigned v) {
  return {static_cast<char>(v & 0xff), static_cast<char>(v >> 8)};
}

// A frame of the link layer around a transport segment.
std::string frame(std::string_view user, unsigned control = 0xc4) {
  std::string out = hex("0564");
  out += static_cast<char>(5 + user.size());
  out += static_cast<char>(control);
  out += little16(10) + little16(1);
  out += little16(dnp3::crc(as_bytes(out)));
  for (; !user.empty(); user.remove_prefix(std::min<std::size_t>(16, user.size()))) {
    const std::string block(user.substr(0, 16));
    out += block + little16(dnp3::crc(as_bytes(block)));
  }
  return out;
}

Recorder& begin(Recorder& r) {
  r.ends.dst_port = 20000;
  r.handshake();
  return r;
}

const std::string kRead = frame(hex("c0 c3 01 3c0206 3c0306"));
// An analog input with flag, a packed binary input of two points, of a restarted outstation.
const std::string kAnswer =
    frame(hex("c0 e3 81 9000 1e011701 05 01 0a000000 010100 0102 02"), 0x44);

nlohmann::json tx(const Recorder& r, std::size_t n) {
  return nlohmann::json::parse(r.transactions.at(n))["dnp3"];
}

TEST(Dnp3, RequestAndResponseWithTheirPoints) {
  Recorder r;
  begin(r).client(0, kRead);
  r.server(0, kAnswer, static_cast<std::uint32_t>(kRead.size()));
  ASSERT_EQ(r.transactions.size(), 2u);
  const auto request = tx(r, 0);
  EXPECT_EQ(request["type"], "request");
  EXPECT_EQ(request["src"], 1);
  EXPECT_EQ(request["dst"], 10);
  EXPECT_EQ(request["control"]["dir"], true);
  EXPECT_EQ(request["application"]["function_code"], 1);
  EXPECT_EQ(request["application"]["control"]["sequence"], 3);
  EXPECT_EQ(request["application"]["objects"][1]["variation"], 3);
  EXPECT_EQ(request["application"]["complete"], true);
  EXPECT_FALSE(request.contains("iin"));
  const auto response = tx(r, 1);
  EXPECT_EQ(response["type"], "response");
  EXPECT_EQ(response["iin"]["indicators"][0], "device_restart");
  EXPECT_EQ(response["iin"]["indicators"][1], "need_time");
  const auto& analog = response["application"]["objects"][0];
  EXPECT_EQ(analog["prefix_code"], 1);
  EXPECT_EQ(analog["points"][0]["index"], 5);
  EXPECT_EQ(analog["points"][0]["online"], 1);
  EXPECT_EQ(analog["points"][0]["value"], 10);
  const auto& packed = response["application"]["objects"][1];
  EXPECT_EQ(packed["start"], 1);
  EXPECT_EQ(packed["count"], 2);
  EXPECT_EQ(packed["points"][0]["state"], 0);
  EXPECT_EQ(packed["points"][1]["state"], 1);
  EXPECT_THAT(r.app_events, IsEmpty());
}

TEST(Dnp3, ByteByByteAndOverUdp) {
  Recorder r;
  begin(r);
  for (std::size_t i = 0; i < kRead.size(); ++i)
    r.client(static_cast<std::uint32_t>(i), kRead.substr(i, 1));
  EXPECT_EQ(r.transactions.size(), 1u);
  Ends e;
  e.dst_port = 20000;
  r.send(ethernet(ipv4(e, 17, udp(e, kRead))));
  EXPECT_EQ(r.transactions.size(), 2u);
}

TEST(Dnp3, SegmentsArePutTogetherAndAConfirmIsNoEvent) {
  Recorder r;
  begin(r).client(0, frame(hex("41 c0 01 3c")) + frame(hex("82 0206")) + frame(hex("c0 c0 00")));
  ASSERT_EQ(r.transactions.size(), 1u);
  EXPECT_EQ(tx(r, 0)["application"]["objects"][0]["group"], 60);
}

TEST(Dnp3, AFrameWithAWrongSumIsSkippedAndNamed) {
  Recorder r;
  std::string bad_header = kRead, bad_data = kRead;
  bad_header[8] ^= 1;
  bad_data.back() ^= 1;
  begin(r).client(0, kRead + bad_header + bad_data + frame(hex("c0")) + kRead);
  EXPECT_EQ(r.transactions.size(), 2u);
  EXPECT_THAT(r.app_events,
              testing::ElementsAre("bad_link_crc", "bad_transport_crc", "len_too_small"));
}

TEST(Dnp3, CountsThatNothingFollowsAreNoPoints) {
  Recorder r;
  begin(r).client(0, frame(hex("c0 c0 02 01 01 01 0000 fffe")) +  // 65,279 points
                         frame(hex("c0 c0 02 01 02 07 05 01")) +  // five, one there
                         frame(hex("c0 c0 02 01 01 00 0900")));   // stop before start
  EXPECT_THAT(r.app_events,
              testing::ElementsAre("too_many_points", "unknown_object", "too_many_points"));
  ASSERT_EQ(r.transactions.size(), 3u);
  EXPECT_EQ(tx(r, 1)["application"]["complete"], false);
  EXPECT_EQ(tx(r, 1)["application"]["objects"][0]["points"].size(), 1u);
}

TEST(Dnp3, AFloodOfRequestsIsNamedOnceAndEndsWithAResponse) {
  Recorder r;
  begin(r);
  std::string flood;
  for (int i = 0; i < 40; ++i) flood += kRead;
  r.client(0, flood);
  EXPECT_EQ(r.transactions.size(), 33u);
  EXPECT_THAT(r.app_events, testing::ElementsAre("flooded"));
  r.server(0, kAnswer, static_cast<std::uint32_t>(flood.size()));
  r.client(static_cast<std::uint32_t>(flood.size()), kRead,
           static_cast<std::uint32_t>(kAnswer.size()));
  EXPECT_EQ(r.transactions.size(), 35u);
}

TEST(Dnp3, AMessageWithoutEndIsLetGo) {
  Recorder r;
  begin(r);
  std::string stream;
  for (unsigned i = 0; i < 70; ++i)
    stream += frame(static_cast<char>((i == 0 ? 0x40 : 0) | (i & 63)) + std::string(249, '\x06'));
  for (std::size_t at = 0; at < stream.size(); at += 1000)
    r.client(static_cast<std::uint32_t>(at), std::string_view(stream).substr(at, 1000));
  EXPECT_THAT(r.app_events, testing::ElementsAre("too_long_reassembly"));
  EXPECT_EQ(r.transactions.size(), 1u);
}

TEST(Dnp3, OtherTrafficIsNotTaken) {
  std::string wrong = kRead;
  wrong[9] ^= 1;
  EXPECT_EQ(kDnp3.probe(Direction::to_server, as_bytes(wrong), true), Probe::no);
  EXPECT_EQ(kDnp3.probe(Direction::to_server, as_bytes(std::string_view("GET /")), true),
            Probe::no);
  EXPECT_EQ(kDnp3.probe(Direction::to_server, as_bytes(kRead), false), Probe::yes);
}

}  // namespace
}  // namespace chieng::collector
