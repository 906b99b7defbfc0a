#include "collector/protocol/http2/http2.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/collector/protocol/http2/frames2.h"

namespace chieng::collector {
namespace {

using namespace test;
using testing::Contains;
using testing::IsEmpty;

const HeaderList kRequest = {{":method", "GET"}, {":scheme", "http"},   {":authority", "a.vn:80"},
                             {":path", "/x"},    {"user-agent", "t/1"}, {"cookie", "s=1"}};
const HeaderList kAnswer = {{":status", "200"}, {"content-type", "text/plain"}};

std::string settings(const std::string& payload) {
  return h2_frame(4, 0, 0, payload);
}
const std::string kSettings = settings(hex("000300000064"));

TEST(Http2, ReadsAnExchangeInPiecesOfAnySize) {
  for (const std::size_t size : {1u, 2u, 9u, 10u, 100u, 1400u}) {
    H2Recorder r;
    r.segment = size;
    r.begin();
    r.from_client(kClientPreface + kSettings).from_server(kSettings);
    r.from_client(h2_headers(1, kRequest, true));
    r.from_server(h2_headers(1, kAnswer, false) + h2_data(1, "xin ", false) +
                  h2_data(1, "chao", true));
    r.close();
    ASSERT_EQ(r.transactions.size(), 3u) << size;
    EXPECT_EQ(r.tx_protocols[0], "http2");
    EXPECT_EQ(r.event(0)["http"]["http2"]["request"]["settings"][0]["settings_id"],
              "SETTINGSMAXCONCURRENTSTREAMS");
    const auto http = r.event(2)["http"];
    EXPECT_EQ(http["version"], "2");
    EXPECT_EQ(http["url"], "/x");
    EXPECT_EQ(http["hostname"], "a.vn:80");
    EXPECT_EQ(http["status"], 200);
    EXPECT_EQ(http["http2"]["stream_id"], 1);
    EXPECT_EQ(http["request_headers"].size(), kRequest.size());
    ASSERT_EQ(r.files.size(), 1u);
    EXPECT_EQ(r.files[0].size, 8u);
    EXPECT_EQ(r.files[0].state, FileView::State::closed);
    EXPECT_THAT(r.app_events, IsEmpty());
  }
}

TEST(Http2, PutsContinuedHeadersTogether) {
  H2Recorder r;
  r.begin();
  const std::string block = h2_block(kRequest);
  r.from_client(kClientPreface + kSettings);
  r.from_client(h2_frame(1, 1, 1, block.substr(0, 20)) + h2_frame(9, 0, 1, block.substr(20, 10)) +
                h2_frame(9, 4, 1, block.substr(30)));
  r.from_server(kSettings + h2_headers(1, kAnswer, true));
  r.close();
  ASSERT_EQ(r.transactions.size(), 3u);
  EXPECT_EQ(r.event(1)["http"]["http_user_agent"], "t/1");
}

TEST(Http2, TakesPaddingAndPriorityOff) {
  H2Recorder r;
  r.begin();
  r.from_client(kClientPreface + kSettings);
  r.from_client(h2_frame(1, 4 | 8 | 0x20 | 1, 1,
                         hex("03 00000000 0f") + h2_block(kRequest) + std::string(3, '\0')));
  r.from_server(kSettings + h2_headers(1, kAnswer, false));
  r.from_server(h2_frame(0, 8 | 1, 1, hex("04") + "body" + std::string(4, '\0')));
  r.close();
  ASSERT_EQ(r.files.size(), 1u);
  EXPECT_EQ(r.files[0].size, 4u);
  EXPECT_EQ(r.event(2)["http"]["http2"]["request"]["priority"], 15);
}

TEST(Http2, WhatWasUnderWayAtAResetIsSeen) {
  H2Recorder r;
  r.begin();
  r.from_client(kClientPreface + kSettings + h2_headers(1, kRequest, false)).from_server(kSettings);
  r.from_client(h2_frame(3, 0, 1, hex("00000008")));
  r.from_server(h2_headers(1, kAnswer, false) + h2_data(1, "body", true));
  r.close();
  ASSERT_EQ(r.transactions.size(), 3u);
  EXPECT_EQ(r.event(2)["http"]["http2"]["request"]["error_code"], "Cancel");
  EXPECT_EQ(r.event(2)["http"]["status"], 200);
  ASSERT_EQ(r.files.size(), 1u);
  EXPECT_EQ(r.files[0].state, FileView::State::closed);
}

TEST(Http2, TellsOfFramesThatAreWrong) {
  H2Recorder r;
  r.begin();
  r.from_client(kClientPreface + kSettings).from_server(kSettings);
  r.from_client(h2_frame(3, 0, 1, "abc") + h2_frame(8, 0, 0, "12345") + h2_frame(2, 0, 3, "1"));
  r.from_client(h2_frame(7, 0, 0, "short"));
  r.from_client(h2_data(0, "x", false) + h2_frame(1, 4 | 8, 5, hex("ff 82")));
  r.from_client(h2_frame(1, 4, 7, hex("ff")) + h2_frame(1, 4, 9, hex("ffffffffffffffffffffff0f")));
  r.close();
  for (const char* name : {"invalid_frame_length", "invalid_frame_data", "data_stream_zero",
                           "invalid_header", "header_integer_overflow"})
    EXPECT_THAT(r.app_events, Contains(name));
}

TEST(Http2, ComparesAuthorityAndHost) {
  H2Recorder r;
  r.begin();
  HeaderList odd = kRequest;
  odd[2].second = "u@a.vn";
  odd.push_back({"host", "b.vn"});
  r.from_client(kClientPreface + kSettings + h2_headers(1, odd, true)).from_server(kSettings);
  r.close();
  EXPECT_THAT(r.app_events, Contains("authority_host_mismatch"));
  EXPECT_THAT(r.app_events, Contains("userinfo_in_uri"));
}

TEST(Http2, ALossInDataIsAGapOfTheFileAndNoMore) {
  H2Recorder r;
  r.begin();
  r.from_client(kClientPreface + kSettings + h2_headers(1, kRequest, true));
  const std::string body = h2_data(1, std::string(3000, 'b'), true);
  r.from_server(kSettings + h2_headers(1, kAnswer, false) + body.substr(0, 1000));
  r.lose(false, 500);
  r.from_server(body.substr(1500));
  r.from_client(h2_headers(3, kRequest, true));
  r.from_server(h2_headers(3, kAnswer, true));
  r.close();
  ASSERT_EQ(r.files.size(), 1u);
  EXPECT_EQ(r.files[0].size, 3000u);
  EXPECT_EQ(r.files[0].state, FileView::State::truncated);
  EXPECT_EQ(r.transactions.size(), 4u);
}

TEST(Http2, FindsFramesAgainBehindALoss) {
  H2Recorder r;
  r.begin();
  r.from_client(kClientPreface + kSettings + h2_headers(1, kRequest, true));
  r.from_server(kSettings);
  r.lose(false, 700);
  r.from_server(h2_headers(1, kAnswer, true) + h2_frame(8, 0, 0, hex("00000001")));
  r.close();
  ASSERT_EQ(r.transactions.size(), 3u);
  EXPECT_EQ(r.event(2)["http"]["status"], 200);
}

TEST(Http2, TheUpgradeOfARequestBecomesStreamOne) {
  for (const std::size_t size : {1u, 50u, 1400u}) {
    H2Recorder r;
    r.segment = size;
    r.begin();
    r.from_client(
        "GET /up HTTP/1.1\r\nHost: a.vn\r\nUser-Agent: T\r\nConnection: Upgrade, HTTP2-Settings\r\n"
        "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n");
    r.from_server(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n" +
        kSettings);
    r.from_client(kClientPreface + kSettings);
    r.from_server(h2_headers(1, kAnswer, false) + h2_data(1, "hi", true));
    r.close();
    ASSERT_EQ(r.transactions.size(), 5u) << size;
    EXPECT_EQ(r.event(0)["http"]["status"], 101);
    EXPECT_THAT(r.tx_protocols, Contains("http2").Times(testing::Ge(4)));
    bool found = false;
    for (std::size_t i = 1; i < 5; ++i) {
      const auto http = r.event(i)["http"];
      if (http["http2"]["stream_id"] != 1) continue;
      found = true;
      EXPECT_EQ(http["url"], "/up");
      EXPECT_EQ(http["http_user_agent"], "T");
      EXPECT_EQ(http["request_headers"][2]["name"], ":authority");
      EXPECT_EQ(http["status"], 200);
    }
    EXPECT_TRUE(found);
  }
}

TEST(Http2, DnsMessagesAreRead) {
  const std::string query = hex("abcd0100000100000000000001610276 6e0000010001");
  const HeaderList dns = {
      {":method", "POST"}, {":path", "/dns-query"}, {"content-type", "application/dns-message"}};
  H2Recorder r;
  r.begin();
  r.from_client(kClientPreface + kSettings).from_server(kSettings);
  r.from_client(h2_headers(1, dns, false) + h2_data(1, query, true));
  r.from_server(h2_headers(1, {{":status", "200"}}, true));
  r.close();
  ASSERT_EQ(r.transactions.size(), 3u);
  EXPECT_EQ(r.tx_protocols.back(), "doh2");
  EXPECT_EQ(r.types.back(), "dns");
  EXPECT_EQ(r.event(2)["dns"]["queries"][0]["rrname"], "a.vn");
  EXPECT_EQ(r.event(2)["http"]["url"], "/dns-query");
}

TEST(Http2, ADnsMessageHasItsBound) {
  H2Recorder r;
  r.begin();
  r.from_client(kClientPreface + kSettings).from_server(kSettings);
  r.from_client(
      h2_headers(1, {{":method", "POST"}, {"content-type", "application/dns-message"}}, false));
  for (int i = 0; i < 9; ++i) {
    r.from_client(h2_data(1, std::string(8000, 'x'), i == 8));
    r.from_server(h2_frame(6, 1, 0, "received"));
  }
  r.close();
  EXPECT_THAT(r.app_events, Contains("dns_request_too_long"));
}

TEST(Http2, ManyOpenStreamsAreBounded) {
  SensorSettings settings;
  settings.max_transactions = 64;
  H2Recorder r(settings);
  r.begin();
  r.from_client(kClientPreface + kSettings).from_server(kSettings);
  for (std::uint32_t i = 0; i < 300; ++i) r.from_client(h2_headers(2 * i + 1, kRequest, false));
  r.from_client(h2_headers(1001, kRequest, true));
  r.from_server(h2_headers(1001, kAnswer, true));
  r.close();
  EXPECT_THAT(r.app_events, Contains("too_many_streams"));
  EXPECT_EQ(r.transactions.size(), 303u);
}

TEST(Http2, OtherTrafficIsNotTaken) {
  for (const std::string& data :
       {std::string("PRI * HTTP/1.1\r\n\r\n"), hex("000000040000000000") + "abcdefghij",
        hex("0000060400000000007777000000ff"), hex("00000c0400000000000003")}) {
    const Probe client = kHttp2.probe(Direction::to_server, as_bytes(data), false);
    EXPECT_EQ(client, Probe::no);
  }
  EXPECT_EQ(
      kHttp2.probe(Direction::to_client, as_bytes(hex("0000060400000000007777000000ff")), false),
      Probe::no);
  EXPECT_EQ(kHttp2.probe(Direction::to_client, as_bytes(kSettings), false), Probe::yes);
}

}  // namespace
}  // namespace chieng::collector
