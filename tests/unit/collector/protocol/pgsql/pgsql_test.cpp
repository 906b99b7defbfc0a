#include "collector/protocol/pgsql/pgsql.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

std::string packet(char type, const std::string& body) {
  return type + be32(static_cast<std::uint32_t>(body.size() + 4)) + body;
}
std::string z(std::string_view text) {
  return std::string(text) + '\0';
}
std::string startup() {
  const std::string body =
      be32(0x00030000) + z("user") + z("an") + z("database") + z("ho_so") + '\0';
  return be32(static_cast<std::uint32_t>(body.size() + 4)) + body;
}
const std::string kSslRequest = hex("00000008 04d2162f");
const std::string kReady = packet('Z', "I");

struct Talk {
  Recorder r;
  std::uint32_t sent[2] = {0, 0};
  Talk() {
    r.ends.dst_port = 5432;
    r.handshake();
  }
  void ask(const std::string& data) {
    r.client(sent[0], data, sent[1]);
    sent[0] += static_cast<std::uint32_t>(data.size());
  }
  void answer(const std::string& data) {
    r.server(sent[1], data, sent[0]);
    sent[1] += static_cast<std::uint32_t>(data.size());
  }
  void log_in() {
    ask(startup());
    answer(packet('R', be32(0)) + packet('S', z("TimeZone") + z("Asia/Ho_Chi_Minh")) +
           packet('K', be32(7) + be32(8)) + kReady);
  }
  [[nodiscard]] nlohmann::json tx(std::size_t n) const {
    return nlohmann::json::parse(r.transactions.at(n))["pgsql"];
  }
};

TEST(Pgsql, LoginWithAPassword) {
  Talk t;
  t.ask(kSslRequest);
  t.answer("N");
  t.ask(startup());
  t.answer(packet('R', be32(5) + "salt"));
  t.ask(packet('p', z("md5secret")));
  t.answer(packet('R', be32(0)) + packet('K', be32(7) + be32(8)) + kReady);
  ASSERT_EQ(t.r.transactions.size(), 3u);
  EXPECT_EQ(t.tx(0)["request"]["message"], "SSL Request");
  EXPECT_EQ(t.tx(0)["response"]["ssl_accepted"], false);
  const auto s = t.tx(1);
  EXPECT_EQ(s["tx_id"], 2);
  EXPECT_EQ(s["request"]["protocol_version"], "3.0");
  EXPECT_EQ(s["request"]["startup_parameters"]["user"], "an");
  EXPECT_EQ(s["request"]["startup_parameters"]["optional_parameters"][0]["database"], "ho_so");
  EXPECT_EQ(s["response"]["authentication_md5_password"], "salt");
  EXPECT_EQ(t.tx(2)["request"]["password_redacted"], true);
  EXPECT_FALSE(t.tx(2)["request"].contains("password"));
  EXPECT_EQ(t.tx(2)["response"]["message"], "authentication_ok");
  EXPECT_EQ(t.tx(2)["response"]["process_id"], 7);
}

TEST(Pgsql, QueriesRowsAndErrors) {
  Talk t;
  t.log_in();
  t.ask(packet('Q', z("select 1")) + packet('Q', z("oops")));
  const std::string row = packet('D', be16(2) + be32(3) + "abc" + be32(0xffffffff));
  t.answer(packet('T', be16(1) + z("a") + std::string(18, '\0')) + row + row +
           packet('C', z("SELECT 2")) + kReady);
  t.answer(packet('E', "SERROR" + z("") + "C42601" + z("") + "Msyntax" + z("") + '\0') + kReady);
  ASSERT_EQ(t.r.transactions.size(), 3u);
  EXPECT_EQ(t.tx(0)["response"]["parameter_status"][0]["time_zone"], "Asia/Ho_Chi_Minh");
  const auto good = t.tx(1);
  EXPECT_EQ(good["request"]["simple_query"], "select 1");
  EXPECT_EQ(good["response"]["field_count"], 1);
  EXPECT_EQ(good["response"]["data_rows"], 2);
  EXPECT_EQ(good["response"]["data_size"], 6);
  EXPECT_EQ(good["response"]["command_completed"], "SELECT 2");
  EXPECT_EQ(t.tx(2)["response"]["code"], "42601");
  EXPECT_EQ(t.tx(2)["response"]["message"], "syntax");
  EXPECT_THAT(t.r.app_events, IsEmpty());
}

TEST(Pgsql, CopiesAndCancellation) {
  Talk t;
  t.log_in();
  t.ask(packet('Q', z("copy x from stdin")));
  t.answer(packet('G', hex("00 0002 0000 0000")));
  t.ask(packet('d', "1\t2\n") + packet('d', "3\t4\n") + packet('c', ""));
  t.answer(packet('C', z("COPY 2")) + kReady);
  ASSERT_EQ(t.r.transactions.size(), 3u);
  EXPECT_EQ(t.tx(1)["response"]["copy_in_response"]["columns"], 2);
  EXPECT_EQ(t.tx(2)["request"]["copy_data_in"]["msg_count"], 2);
  EXPECT_EQ(t.tx(2)["request"]["message"], "copy_done");
  EXPECT_EQ(t.tx(2)["response"]["command_completed"], "COPY 2");
  Talk other;
  other.ask(hex("00000010 04d2162e 00000007 00000008"));
  ASSERT_EQ(other.r.transactions.size(), 1u);
  EXPECT_EQ(other.tx(0)["request"]["secret_key"], 8);
}

TEST(Pgsql, TlsFollowsWhereItIsAccepted) {
  Talk t;
  t.ask(kSslRequest);
  t.answer("S");
  t.ask(hex("16030100 2d 010000 29 0303") + std::string(32, 'r') + hex("00 0002 c02f 0100"));
  ASSERT_GE(t.r.transactions.size(), 1u);
  EXPECT_EQ(t.tx(0)["response"]["ssl_accepted"], true);
  t.r.client(t.sent[0], "", t.sent[1], tcp_flag::rst | tcp_flag::ack);
  t.r.sensor.finish();
  ASSERT_EQ(t.r.ended.size(), 1u);
  EXPECT_EQ(t.r.catalogue.name(t.r.ended[0].proto), "tls");
}

TEST(Pgsql, ByteByByteAndAPreparedStatement) {
  Talk t;
  t.log_in();
  const std::string ask = packet('P', z("") + z("select $1") + hex("0000")) + packet('S', "");
  for (const char c : ask) t.ask(std::string(1, c));
  const std::string answer = packet('1', "") + packet('C', z("SELECT 1")) + kReady;
  for (const char c : answer) t.answer(std::string(1, c));
  ASSERT_EQ(t.r.transactions.size(), 2u);
  EXPECT_EQ(t.tx(1)["request"]["extended_query"], "select $1");
}

TEST(Pgsql, WrongLengthsAndWordsAreNamed) {
  Talk t;
  t.log_in();
  t.ask(hex("51 00000002"));
  EXPECT_THAT(t.r.app_events, ElementsAre("invalid_length"));
  Talk other;
  other.ask(startup());
  other.answer(packet('R', be32(99)));
  EXPECT_THAT(other.r.app_events, ElementsAre("malformed_response"));
}

TEST(Pgsql, OtherTrafficIsNotTaken) {
  const auto probe = [](const std::string& s, bool hint) {
    return kPgsql.probe(Direction::to_server, as_bytes(s), hint);
  };
  EXPECT_EQ(probe("GET / HTTP/1.1\r\n", true), Probe::no);
  EXPECT_EQ(probe(hex("00000020 00020000 75736572"), true), Probe::no);
  EXPECT_EQ(probe(startup(), false), Probe::yes);
  EXPECT_EQ(probe(kSslRequest, false), Probe::yes);
  EXPECT_EQ(probe(packet('Q', z("select 1")), false), Probe::no);
  EXPECT_EQ(probe(packet('Q', z("select 1")), true), Probe::yes);
}

}  // namespace
}  // namespace chieng::collector
