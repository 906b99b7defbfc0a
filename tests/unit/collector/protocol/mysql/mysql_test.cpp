#include "collector/protocol/mysql/mysql.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/collector/flow/recorder.h"

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
