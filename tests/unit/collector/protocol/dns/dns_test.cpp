#include "collector/protocol/dns/dns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "collector/protocol/dns/message.h"
#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector {
namespace {

using namespace test;
using testing::Contains;

const std::string kQuery =
    hex("1234 0100 0001 0000 0000 0000 03777777 076578616d706c65 036f7267 00 0001 0001");
// www.example.org CNAME host.example.org, which has A 192.0.2.1; an empty OPT
const std::string kResponse =
    hex("1234 8180 0001 0002 0000 0001 03777777 076578616d706c65 036f7267 00 0001 0001"
        "c00c 0005 0001 0000003c 0007 04686f7374 c010"
        "c02d 0001 0001 0000003c 0004 c0000201"
        "00 0029 1000 00000000 0000");

Ends dns_ends() {
  Ends e;
  e.dst_port = 53;
  return e;
}

void send_udp(Recorder& r, const Ends& e, const std::string& data) {
  r.send(ethernet(ipv4(e, 17, udp(e, data))));
}

TEST(Dns, ARequestAndAResponseAreEventsOfTheirOwn) {
  Recorder r;
  send_udp(r, dns_ends(), kQuery);
  send_udp(r, dns_ends().reversed(), kResponse);
  ASSERT_EQ(r.transactions.size(), 2u);
  const auto request = nlohmann::json::parse(r.transactions[0])["dns"];
  EXPECT_EQ(request["type"], "request");
  EXPECT_EQ(request["tx_id"], 0);
  EXPECT_EQ(request["id"], 0x1234);
  EXPECT_EQ(request["queries"][0]["rrname"], "www.example.org");
  EXPECT_EQ(request["queries"][0]["rrtype"], "A");
  const auto response = nlohmann::json::parse(r.transactions[1])["dns"];
  EXPECT_EQ(response["type"], "response");
  EXPECT_EQ(response["tx_id"], 1);
  EXPECT_EQ(response["flags"], "8180");
  EXPECT_EQ(response["rcode"], "NOERROR");
  EXPECT_EQ(response["answers"][0]["rdata"], "host.example.org");
  EXPECT_EQ(response["answers"][1]["rrname"], "host.example.org");
  EXPECT_EQ(response["grouped"]["A"][0], "192.0.2.1");
  EXPECT_EQ(response["grouped"]["CNAME"][0], "host.example.org");
  EXPECT_FALSE(response.contains("additionals"));
}

TEST(Dns, TcpMessagesInPiecesOfAnySize) {
  const std::string stream = be16(static_cast<unsigned>(kQuery.size())) + kQuery;
  for (std::size_t cut = 1; cut < stream.size(); ++cut) {
    Recorder r;
    r.ends.dst_port = 53;
    r.handshake();
    r.client(0, stream.substr(0, cut));
    r.client(static_cast<std::uint32_t>(cut), stream.substr(cut));
    r.sensor.finish();
    ASSERT_EQ(r.transactions.size(), 1u) << cut;
    EXPECT_EQ(r.tx_protocols[0], "dns");
  }
}

TEST(Dns, TheParserGoesOnAfterAGap) {
  const std::string stream = be16(static_cast<unsigned>(kQuery.size())) + kQuery;
  Recorder r;
  r.ends.dst_port = 53;
  r.handshake();
  r.client(0, stream);
  const auto next = static_cast<std::uint32_t>(stream.size());
  r.server(0, "", next + 100);
  r.client(next + 100, stream);
  r.sensor.finish();
  EXPECT_EQ(r.transactions.size(), 2u);
}

TEST(Dns, ALoopOfPointersIsAnEvent) {
  Recorder r;
  send_udp(r, dns_ends(), hex("0001 0100 0001 0000 0000 0000 c00c 0001 0001"));
  EXPECT_THAT(r.app_events, Contains("infinite_loop"));
}

TEST(Dns, AMessageThatIsCutIsMalformedAtEveryPlace) {
  for (std::size_t n = 12; n < kQuery.size(); ++n)
    EXPECT_FALSE(dns::parse(as_bytes(kQuery).first(n))) << n;
  for (std::size_t n = 0; n < kResponse.size(); ++n) (void)dns::parse(as_bytes(kResponse).first(n));
  Recorder r;
  send_udp(r, dns_ends(), kQuery);
  send_udp(r, dns_ends(), kQuery.substr(0, 20));
  EXPECT_THAT(r.app_events, Contains("malformed_data"));
}

TEST(Dns, NamesAreBounded) {
  std::string message = hex("0001 0100 0001 0000 0000 0000");
  for (int i = 0; i < 30; ++i) message += "\x3f" + std::string(63, 'a');
  message += hex("00 0001 0001");
  const auto parsed = dns::parse(as_bytes(message));
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->questions[0].name.truncated);
  EXPECT_LE(parsed->questions[0].name.text.size(), 1025u);
}

TEST(Dns, UnansweredQueriesDoNotPileUp) {
  SensorSettings settings;
  settings.max_transactions = 4;
  Recorder r(settings);
  for (int i = 0; i < 20; ++i) send_udp(r, dns_ends(), kQuery);
  EXPECT_EQ(r.transactions.size(), 20u);
  EXPECT_EQ(r.sensor.counters().transactions_dropped, 0u);
}

TEST(Dns, OtherPortsAreNotDns) {
  Recorder r;
  Ends other;
  other.dst_port = 5399;
  send_udp(r, other, kQuery);
  EXPECT_TRUE(r.transactions.empty());
}

}  // namespace
}  // namespace chieng::collector
