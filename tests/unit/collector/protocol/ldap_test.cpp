#include "collector/protocol/ldap/ldap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/collector/flow/recorder.h"
#include "tests/unit/collector/protocol/der.h"

namespace chieng::collector {
namespace {

using namespace test;
using testing::Contains;

std::string message(int id, const std::string& operation) {
  return der_sequence(der_integer(id) + operation);
}
std::string search(const std::string& base) {
  return der(0x63, der_text(base) + der_integer(2, 10) + der_integer(0, 10) + der_integer(5) +
                       der_integer(6) + der(1, std::string(1, '\0')) + der(0x87, "objectClass") +
                       der_sequence(der_text("cn") + der_text("sn")));
}
std::string entry(const std::string& dn) {
  return der(0x64,
             der_text(dn) + der_sequence(der_sequence(der_text("cn") + der(0x31, der_text("x")))));
}
std::string result(unsigned tag, int code, const std::string& more = "") {
  return der(0x60 | tag, der_integer(code, 10) + der_text("") + der_text("text") + more);
}
nlohmann::json ldap(const Recorder& r, std::size_t i) {
  return nlohmann::json::parse(r.transactions.at(i))["ldap"];
}

// A conversation that keeps count of its bytes.
struct Session {
  explicit Session(Recorder& recorder) : r(recorder) {
    r.ends.dst_port = 389;
    r.handshake();
  }
  void client(const std::string& data) {
    r.client(sent, data, received);
    sent += static_cast<std::uint32_t>(data.size());
  }
  void server(const std::string& data) {
    r.server(received, data, sent);
    received += static_cast<std::uint32_t>(data.size());
  }
  Recorder& r;
  std::uint32_t sent = 0, received = 0;
};

TEST(Ldap, ASearchWithItsResponsesIsOneTransaction) {
  Recorder r;
  Session s(r);
  s.client(message(7, search("dc=tinh,dc=example")));
  s.server(message(7, entry("cn=x")));
  s.server(message(7, result(5, 0)));
  r.sensor.finish();
  ASSERT_EQ(r.transactions.size(), 1u);
  const auto out = ldap(r, 0);
  EXPECT_EQ(out["request"]["message_id"], 7);
  EXPECT_EQ(out["request"]["operation"], "search_request");
  EXPECT_EQ(out["request"]["search_request"]["base_object"], "dc=tinh,dc=example");
  EXPECT_EQ(out["request"]["search_request"]["filter"]["value"], "objectClass");
  EXPECT_EQ(out["request"]["search_request"]["attributes"][1], "sn");
  EXPECT_EQ(out["responses"][0]["search_result_entry"]["attributes"][0]["values"][0], "x");
  EXPECT_EQ(out["responses"][1]["search_result_done"]["result_code"], "success");
  EXPECT_FALSE(out["responses"][1].contains("message_id"));
}

TEST(Ldap, AnswersInAnotherOrderFindTheirRequests) {
  Recorder r;
  Session s(r);
  s.client(message(1, search("dc=one")) + message(2, der(0x4a, "cn=gone")));
  s.server(message(2, result(11, 32)) + message(1, result(5, 1)));
  r.sensor.finish();
  ASSERT_EQ(r.transactions.size(), 2u);
  EXPECT_EQ(ldap(r, 0)["responses"][0]["search_result_done"]["result_code"], "operations_error");
  EXPECT_EQ(ldap(r, 1)["request"]["del_request"]["dn"], "cn=gone");
  EXPECT_EQ(ldap(r, 1)["responses"][0]["del_response"]["result_code"], "no_such_object");
}

TEST(Ldap, ANoticeIsExpectedAndAStrangeResponseIsAnEvent) {
  Recorder r;
  Session s(r);
  s.client(message(1, search("dc=one")));
  s.server(message(0, result(24, 52, der(0x8a, "1.3.6.1.4.1.1466.20036"))));
  EXPECT_TRUE(r.app_events.empty());
  s.server(message(99, result(9, 0)));
  EXPECT_THAT(r.app_events, Contains("request_not_found"));
  r.sensor.finish();
  ASSERT_EQ(r.transactions.size(), 3u);
}

TEST(Ldap, MessagesInPiecesOfAnySize) {
  const std::string stream = message(1, search("dc=one")) + message(2, search("dc=two"));
  for (std::size_t cut = 1; cut < stream.size(); ++cut) {
    Recorder r;
    Session s(r);
    s.client(stream.substr(0, cut));
    s.client(stream.substr(cut));
    r.sensor.finish();
    ASSERT_EQ(r.transactions.size(), 2u) << cut;
  }
}

TEST(Ldap, WhatIsMalformedIsAnEventAndTheNextMessageIsRead) {
  Recorder r;
  Session s(r);
  s.client(message(1, search("dc=one")));
  s.client(message(2, der(0x63, der_text("only"))));
  s.client("GET / HTTP/1.0\r\n\r\n");
  s.client(message(3, search("dc=three")));
  r.sensor.finish();
  EXPECT_THAT(r.app_events, Contains("invalid_data"));
  EXPECT_EQ(r.transactions.size(), 2u);
}

TEST(Ldap, AMessageThatIsTooLongIsPassedOver) {
  Recorder r;
  Session s(r);
  s.client(message(1, search("dc=one")));
  const std::string huge(300 * 1024, 'x');
  std::string head = hex("3083") + std::string(1, '\x04') + be16(0xb000);
  s.client(head + huge.substr(0, 1000));
  for (std::size_t at = 1000; at < 0x4b000; at += 1024) {
    s.client(huge.substr(0, std::min<std::size_t>(1024, 0x4b000 - at)));
    s.server("");  // acknowledges: the window is 64 KiB
  }
  s.client(message(2, search("dc=two")));
  r.sensor.finish();
  EXPECT_THAT(r.app_events, Contains("invalid_data"));
  EXPECT_EQ(r.transactions.size(), 2u);
}

TEST(Ldap, UnansweredRequestsAreBounded) {
  Recorder r;
  Session s(r);
  for (int i = 1; i <= 300; ++i) s.client(message(i, search("dc=x")));
  EXPECT_THAT(r.app_events, Contains("too_many_transactions"));
  r.sensor.finish();
  EXPECT_EQ(r.transactions.size(), 300u);
}

}  // namespace
}  // namespace chieng::collector
