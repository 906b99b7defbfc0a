#include "collector/protocol/mysql/mysql.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/collector/flow/recorder.h"
#include "tests/unit/collector/protocol/conversation.h"

namespace chieng::collector {
namespace {

using namespace test;

std::string packet(unsigned sequence, const std::string& body) {
  return std::string{static_cast<char>(body.size() & 0xff), static_cast<char>(body.size() >> 8),
                     '\0', static_cast<char>(sequence)} +
         body;
}
const std::string kGreeting = packet(0,
                                     "\x0a"
                                     "8.0.36" +
                                         std::string(44, '\0') + "mysql_native_password" + '\0');
// Protocol 4.1, a database, an authentication plugin.
const std::string kLogin = packet(1, hex("08820800") + std::string(28, '\0') + "an" + '\0' +
                                         "\x04"
                                         "abcd" +
                                         "ho_so" + '\0');

struct Talk {
  Recorder r;
  Talk() {
    r.ends.dst_port = 3306;
    r.handshake();
    r.server(0, kGreeting);
  }
  [[nodiscard]] nlohmann::json tx() const {
    return nlohmann::json::parse(r.transactions.at(0))["mysql"];
  }
};

TEST(Mysql, ALoginThatIsRefused) {
  Talk t;
  const auto n = static_cast<std::uint32_t>(kGreeting.size());
  t.r.client(0, kLogin, n);
  t.r.server(n, packet(2, hex("ff1504") + "#28000Access denied"),
             static_cast<std::uint32_t>(kLogin.size()));
  ASSERT_EQ(t.r.transactions.size(), 1u);
  EXPECT_EQ(t.tx()["version"], "8.0.36");
  EXPECT_EQ(t.tx()["username"], "an");
  EXPECT_EQ(t.tx()["database"], "ho_so");
  EXPECT_EQ(t.tx()["login_success"], false);
  EXPECT_EQ(t.tx()["error_code"], 1045);
}

TEST(Mysql, ALoginInPiecesThatSucceeds) {
  Talk t;
  const auto n = static_cast<std::uint32_t>(kGreeting.size());
  for (std::size_t i = 0; i < kLogin.size(); ++i)
    t.r.client(static_cast<std::uint32_t>(i), kLogin.substr(i, 1), n);
  t.r.server(n, packet(2, hex("00000002000000")), static_cast<std::uint32_t>(kLogin.size()));
  ASSERT_EQ(t.r.transactions.size(), 1u);
  EXPECT_EQ(t.tx()["login_success"], true);
  EXPECT_FALSE(t.tx().contains("error"));
}

// After the login, in pieces of any size.
struct Session {
  Conversation talk{kMysql};
  explicit Session(std::size_t pieces = std::string::npos) {
    talk.in_pieces(pieces).server(kGreeting).client(kLogin).server(
        packet(2, hex("00000002000000")));
  }
  [[nodiscard]] nlohmann::json tx(std::size_t n) const {
    return nlohmann::json::parse(talk.json(n))["mysql"];
  }
};

TEST(MysqlCommands, AQueryAndItsRows) {
  for (const std::size_t pieces : {std::string::npos, std::size_t{1}}) {
    Session s(pieces);
    s.talk.client(packet(0, "\x03select ten from can_bo"));
    s.talk.server(packet(1, "\x01") + packet(2, "column") + packet(3, hex("fe00002200")) +
                  packet(4,
                         "\x02"
                         "an") +
                  packet(5,
                         "\x03"
                         "anh") +
                  packet(6, hex("fe00002200")));
    ASSERT_EQ(s.talk.count(), 2u);
    EXPECT_TRUE(s.talk.is_complete(1));
    EXPECT_EQ(s.talk.text(1, "mysql.command"), "select ten from can_bo");
    EXPECT_EQ(s.tx(1).dump(), R"({"columns":1,"command":"select ten from can_bo",)"
                              R"("command_type":"query","rows":2,"success":true,"tls":false})");
  }
}

TEST(MysqlCommands, ChangesAndErrors) {
  Session s;
  s.talk
      .client(packet(0,
                     "\x03"
                     "delete from can_bo"))
      .server(packet(1, hex("00fc1027000200000000")));
  s.talk
      .client(packet(0,
                     "\x03"
                     "drop table x"))
      .server(packet(1, hex("ff1a04") + "#42S02Unknown table"));
  ASSERT_EQ(s.talk.count(), 3u);
  EXPECT_EQ(s.tx(1)["affected_rows"], 10000);
  EXPECT_EQ(s.tx(2)["success"], false);
  EXPECT_EQ(s.tx(2)["error_code"], 1050);
  EXPECT_TRUE(s.talk.is_complete(2));
}

TEST(MysqlCommands, AVeryLongQueryIsSteppedOver) {
  Session s;
  const std::string long_query = std::string("\x03") + std::string(200'000, 'x');
  s.talk.client(hex("410d03 00") + long_query).server(packet(1, hex("00000002000000")));
  s.talk.client(packet(0, "\x0e")).server(packet(1, hex("00000002000000")));
  ASSERT_EQ(s.talk.count(), 3u);
  EXPECT_EQ(s.talk.text(1, "mysql.command").size(), 64u * 1024 - 1);
  EXPECT_EQ(s.tx(2)["command_type"], "ping");
}

TEST(MysqlCommands, WhatIsNoCommandIsReported) {
  Session s;
  s.talk.client(packet(0,
                       "\x7f"
                       "abc"));
  EXPECT_TRUE(s.talk.has_event("malformed_request"));
}

TEST(Mysql, OtherTrafficIsNotTaken) {
  const auto probe = [](const std::string& m, bool hint) {
    return kMysql.probe(Direction::to_client, as_bytes(m), hint);
  };
  EXPECT_EQ(probe(kGreeting, true), Probe::yes);
  EXPECT_EQ(probe(kGreeting, false), Probe::no);
  EXPECT_EQ(probe("SSH-2.0-OpenSSH\r\n", true), Probe::no);
}

}  // namespace
}  // namespace chieng::collector
