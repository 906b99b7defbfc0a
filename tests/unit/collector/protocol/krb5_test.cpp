#include "collector/protocol/krb5/krb5.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/collector/flow/recorder.h"
#include "tests/unit/collector/protocol/der.h"

namespace chieng::collector {
namespace {

using namespace test;
using testing::Contains;

std::string text(std::string_view t) {
  return der_text(t, 0x1b);
}
std::string name(std::string_view first, std::string_view second = {}) {
  return der_sequence(
      der_field(0, der_integer(1)) +
      der_field(1, der_sequence(text(first) + (second.empty() ? "" : text(second)))));
}
std::string encrypted(int etype) {
  return der_sequence(der_field(0, der_integer(etype)) + der_field(2, der_text("secret")));
}
std::string request(unsigned type) {
  const std::string body = der_sequence(
      der_field(0, der(3, std::string("\0\0\0\0\0", 5))) + der_field(1, name("lan")) +
      der_field(2, text("TINH.EXAMPLE")) + der_field(3, name("krbtgt", "TINH.EXAMPLE")));
  return der(0x60 | type, der_sequence(der_field(1, der_integer(5)) +
                                       der_field(2, der_integer(type)) + der_field(4, body)));
}
std::string reply(unsigned type, int etype, int ticket) {
  const std::string inside =
      der(0x61, der_sequence(der_field(0, der_integer(5)) + der_field(1, text("TINH.EXAMPLE")) +
                             der_field(2, name("http", "web")) + der_field(3, encrypted(ticket))));
  return der(0x60 | type,
             der_sequence(der_field(0, der_integer(5)) + der_field(1, der_integer(type)) +
                          der_field(3, text("TINH.EXAMPLE")) + der_field(4, name("lan")) +
                          der_field(5, inside) + der_field(6, encrypted(etype))));
}
std::string error(int code) {
  return der(0x7e,
             der_sequence(der_field(0, der_integer(5)) + der_field(1, der_integer(30)) +
                          der_field(6, der_integer(code)) + der_field(9, text("TINH.EXAMPLE")) +
                          der_field(10, name("krbtgt", "TINH.EXAMPLE"))));
}
std::string record(const std::string& message) {
  return be32(static_cast<std::uint32_t>(message.size())) + message;
}
nlohmann::json krb5(const Recorder& r, std::size_t i) {
  return nlohmann::json::parse(r.transactions.at(i))["krb5"];
}
void send(Recorder& r, const std::string& data, bool to_server) {
  Ends e;
  e.dst_port = 88;
  if (!to_server) e = e.reversed();
  r.send(ethernet(ipv4(e, 17, udp(e, data))));
}

TEST(Krb5, RequestReplyAndError) {
  Recorder r;
  send(r, request(10), true);
  send(r, error(25), false);
  send(r, request(12), true);
  send(r, reply(13, 18, 23), false);
  ASSERT_EQ(r.transactions.size(), 4u);
  EXPECT_EQ(krb5(r, 0)["msg_type"], "KRB_AS_REQ");
  EXPECT_EQ(krb5(r, 0)["cname"], "lan");
  EXPECT_EQ(krb5(r, 0)["sname"], "krbtgt/TINH.EXAMPLE");
  EXPECT_EQ(krb5(r, 0)["encryption"], "<none>");
  EXPECT_EQ(krb5(r, 1)["failed_request"], "KRB_AS_REQ");
  EXPECT_EQ(krb5(r, 1)["error_code"], "KDC_ERR_PREAUTH_REQUIRED");
  EXPECT_EQ(krb5(r, 1)["cname"], "<empty>");
  EXPECT_EQ(krb5(r, 3)["sname"], "http/web");
  EXPECT_EQ(krb5(r, 3)["encryption"], "aes256-cts-hmac-sha1-96");
  EXPECT_EQ(krb5(r, 3)["ticket_encryption"], "rc4-hmac");
  EXPECT_EQ(krb5(r, 3)["ticket_weak_encryption"], true);
  EXPECT_TRUE(r.app_events.empty());
}

TEST(Krb5, AWeakReplyIsAnEvent) {
  Recorder r;
  send(r, request(10), true);
  send(r, reply(11, 3, 18), false);
  EXPECT_THAT(r.app_events, Contains("weak_encryption"));
}

TEST(Krb5, RecordsInPiecesOfAnySize) {
  const std::string stream = record(request(10)) + record(request(12));
  for (std::size_t cut = 1; cut < stream.size(); ++cut) {
    Recorder r;
    r.ends.dst_port = 88;
    r.handshake();
    r.client(0, stream.substr(0, cut));
    r.client(static_cast<std::uint32_t>(cut), stream.substr(cut));
    r.sensor.finish();
    ASSERT_EQ(r.transactions.size(), 2u) << cut;
  }
}

TEST(Krb5, GoesOnAfterAGapAndStopsAtALengthThatLies) {
  const std::string one = record(request(10));
  const auto size = static_cast<std::uint32_t>(one.size());
  Recorder r;
  r.ends.dst_port = 88;
  r.handshake();
  r.client(0, one);
  r.server(0, "", size + 50);
  r.client(size + 50, one);
  r.client(2 * size + 50, hex("7fffffff") + "abc");
  r.client(2 * size + 57, one);
  r.sensor.finish();
  EXPECT_EQ(r.transactions.size(), 2u);
  EXPECT_THAT(r.app_events, Contains("malformed_data"));
}

TEST(Krb5, CutAnywhereADatagramIsMalformed) {
  const std::string whole = reply(11, 18, 18);
  for (std::size_t n = 1; n < whole.size(); ++n) {
    Recorder r;
    send(r, request(10), true);
    send(r, whole.substr(0, n), false);
    EXPECT_EQ(r.transactions.size(), 1u) << n;
    EXPECT_THAT(r.app_events, Contains("malformed_data")) << n;
  }
}

}  // namespace
}  // namespace chieng::collector
