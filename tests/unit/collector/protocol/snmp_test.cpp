#include "collector/protocol/snmp/snmp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/collector/flow/recorder.h"
#include "tests/unit/collector/protocol/der.h"

namespace chieng::collector {
namespace {

using namespace test;
using testing::Contains;

const std::string kUptime = hex("0608 2b06010201010300");

std::string pdu(unsigned type, int error = 0) {
  return der(0xa0 | type, der_integer(77) + der_integer(error) + der_integer(0) +
                              der_sequence(der_sequence(kUptime + der(5, ""))));
}
std::string version_2(const std::string& body) {
  return der_sequence(der_integer(1) + der_text("public") + body);
}
std::string version_3(unsigned flags, int model, const std::string& scoped) {
  const std::string usm = der_sequence(der_text("engine") + der_integer(1) + der_integer(2) +
                                       der_text("admin") + der_text("") + der_text(""));
  return der_sequence(der_integer(3) +
                      der_sequence(der_integer(9) + der_integer(65507) +
                                   der_text(std::string(1, static_cast<char>(flags))) +
                                   der_integer(model)) +
                      der_text(usm) + scoped);
}

void send(Recorder& r, const std::string& data, bool to_server = true) {
  Ends e;
  e.dst_port = 161;
  if (!to_server) e = e.reversed();
  r.send(ethernet(ipv4(e, 17, udp(e, data))));
}

nlohmann::json first(const Recorder& r) {
  return nlohmann::json::parse(r.transactions.at(0))["snmp"];
}

TEST(Snmp, RequestAndResponseAreTransactionsOfTheirOwn) {
  Recorder r;
  send(r, version_2(pdu(1)));
  send(r, version_2(pdu(2, 2)), false);
  ASSERT_EQ(r.transactions.size(), 2u);
  EXPECT_EQ(r.tx_protocols[0], "snmp");
  EXPECT_EQ(first(r).dump(), R"({"community":"public","pdu_type":"get_next_request",)"
                             R"("vars":["1.3.6.1.2.1.1.3.0"],"version":2})");
  EXPECT_EQ(nlohmann::json::parse(r.transactions[1])["snmp"]["error"], "NoSuchName");
}

TEST(Snmp, ATrapOfVersion1) {
  Recorder r;
  const std::string trap =
      der(0xa4, hex("0607 2b060104018279") + hex("4004 c0000201") + der_integer(3) +
                    der_integer(0) + hex("4301 05") + der_sequence(""));
  send(r, der_sequence(der_integer(0) + der_text("public") + trap));
  const auto snmp = first(r);
  EXPECT_EQ(snmp["version"], 1);
  EXPECT_EQ(snmp["trap_type"], "link_up");
  EXPECT_EQ(snmp["trap_oid"], "1.3.6.1.4.1.377");
  EXPECT_EQ(snmp["trap_address"], "192.0.2.1");
}

TEST(Snmp, Version3NamesItsUserAndHidesWhatIsEncrypted) {
  Recorder r;
  send(r, version_3(4, 3, der_sequence(der_text("e") + der_text("") + pdu(0))));
  send(r, version_3(7, 3, der_text("\x01\x02")));
  ASSERT_EQ(r.transactions.size(), 2u);
  EXPECT_EQ(first(r)["usm"], "admin");
  EXPECT_EQ(first(r)["pdu_type"], "get_request");
  EXPECT_EQ(nlohmann::json::parse(r.transactions[1])["snmp"].dump(),
            R"({"pdu_type":"encrypted","version":3})");
}

TEST(Snmp, Events) {
  Recorder r;
  send(r, version_2(pdu(0)));
  send(r, version_3(4, 9, der_sequence(der_text("e") + der_text("") + pdu(0))));
  send(r, version_2("\xa0\x05\x02"));
  EXPECT_THAT(r.app_events, Contains("version_mismatch"));
  EXPECT_THAT(r.app_events, Contains("unknown_security_model"));
  EXPECT_THAT(r.app_events, Contains("malformed_data"));
  EXPECT_EQ(r.transactions.size(), 2u);
}

TEST(Snmp, CutAnywhereItIsNoMessage) {
  const std::string whole = version_2(pdu(0));
  for (std::size_t n = 1; n < whole.size(); ++n) {
    Recorder r;
    send(r, whole.substr(0, n));
    EXPECT_TRUE(r.transactions.empty()) << n;
  }
}

}  // namespace
}  // namespace chieng::collector
