#include "collector/protocol/modbus/modbus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

std::string adu(unsigned transaction, const std::string& pdu, unsigned protocol = 0) {
  return be16(transaction) + be16(protocol) + be16(static_cast<unsigned>(pdu.size() + 1)) + '\x0a' +
         pdu;
}

struct Talk {
  Recorder r;
  std::uint32_t sent[2] = {0, 0};
  Talk() {
    r.ends.dst_port = 502;
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
  void finish() {
    r.client(sent[0], "", sent[1], tcp_flag::fin | tcp_flag::ack);
    r.server(sent[1], "", sent[0] + 1, tcp_flag::fin | tcp_flag::ack);
    r.client(sent[0] + 1, "", sent[1] + 1);
  }
  [[nodiscard]] nlohmann::json tx(std::size_t n) const {
    return nlohmann::json::parse(r.transactions.at(n))["modbus"];
  }
};

TEST(Modbus, RequestAndResponse) {
  Talk t;
  t.ask(adu(1, hex("01 0005 000a")));
  EXPECT_THAT(t.r.transactions, IsEmpty());
  t.answer(adu(1, hex("01 02 ff03")));
  ASSERT_EQ(t.r.transactions.size(), 1u);
  const auto m = t.tx(0);
  EXPECT_EQ(m["id"], 1);
  EXPECT_EQ(m["request"]["unit_id"], 10);
  EXPECT_EQ(m["request"]["function_code"], "RdCoils");
  EXPECT_EQ(m["request"]["access_type"], "READ | COILS");
  EXPECT_EQ(m["request"]["category"], "PUBLIC_ASSIGNED");
  EXPECT_EQ(m["request"]["read"]["address"], 5);
  EXPECT_EQ(m["request"]["read"]["quantity"], 10);
  EXPECT_EQ(m["response"]["read"]["data"], "\\xff\u0003");
  EXPECT_EQ(m["response"]["error_flags"], "NONE");
  EXPECT_THAT(t.r.app_events, IsEmpty());
}

TEST(Modbus, EachFormOfWriting) {
  Talk t;
  t.ask(adu(1, hex("05 0005 ff00")) + adu(2, hex("10 0005 0002 04 000a0102")) +
        adu(3, hex("16 0004 00f2 0025")) + adu(4, hex("17 0003 0002 000e 0001 02 00ff")));
  t.answer(adu(1, hex("05 0005 ff00")) + adu(2, hex("10 0005 0002")) +
           adu(3, hex("16 0004 00f2 0025")) + adu(4, hex("17 04 00fe 0acd")));
  ASSERT_EQ(t.r.transactions.size(), 4u);
  EXPECT_EQ(t.tx(0)["request"]["write"]["data"], 0xff00);
  EXPECT_EQ(t.tx(1)["request"]["write"]["quantity"], 2);
  EXPECT_EQ(t.tx(2)["request"]["write"]["and_mask"], 0xf2);
  EXPECT_EQ(t.tx(3)["request"]["read"]["quantity"], 2);
  EXPECT_EQ(t.tx(3)["request"]["write"]["address"], 14);
  EXPECT_THAT(t.r.app_events, IsEmpty());
}

TEST(Modbus, ExceptionsDiagnosticsAndUnknownFunctions) {
  Talk t;
  t.ask(adu(1, hex("03 0000 0001")) + adu(2, hex("08 0004 0000")) + adu(3, hex("41 01")));
  t.answer(adu(1, hex("83 02")) + adu(2, hex("08 0004 0000")) + adu(3, hex("41 01")));
  ASSERT_EQ(t.r.transactions.size(), 3u);
  EXPECT_EQ(t.tx(0)["response"]["exception"]["code"], "IllegalDataAddr");
  EXPECT_EQ(t.tx(1)["request"]["diagnostic"]["code"], "ForceListenOnlyMode");
  EXPECT_EQ(t.tx(2)["request"]["category"], "USER_DEFINED");
}

TEST(Modbus, WhatIsWrongIsNamed) {
  Talk t;
  t.ask(adu(1, hex("01 0000 0001")) + adu(2, hex("01 0000 0000")) + adu(3, hex("01 0000 0001"), 1) +
        adu(4, hex("06 0005 0102")) + adu(5, hex("03 0000")));
  t.answer(adu(9, hex("01 01 00")) + adu(4, hex("06 0006 0102")) + adu(1, hex("81 63")));
  EXPECT_THAT(t.r.app_events,
              ElementsAre("invalid_value", "invalid_protocol_id", "invalid_length",
                          "unsolicited_response", "value_mismatch", "invalid_exception_code"));
}

TEST(Modbus, PiecesUnansweredRequestsAndAFlood) {
  Talk t;
  std::string all;
  for (unsigned i = 1; i <= 600; ++i) all += adu(i, hex("01 0000 0001"));
  for (std::size_t i = 0; i < all.size(); i += 7) t.ask(all.substr(i, 7));
  EXPECT_THAT(t.r.app_events, ElementsAre("flooded"));
  t.finish();
  EXPECT_EQ(t.r.transactions.size(), 500u);
}

TEST(Modbus, ALengthThatCannotBeStopsItUntilAMessageBegins) {
  Talk t;
  t.ask(adu(1, hex("01 0000 0001")));
  t.ask(hex("0002 0000 0000 0a") + "rubbish");
  t.ask(adu(3, hex("01 0000 0001")));
  t.answer(adu(3, hex("01 01 00")));
  EXPECT_THAT(t.r.app_events, ElementsAre("invalid_length"));
  EXPECT_EQ(t.r.transactions.size(), 2u);
}

}  // namespace
}  // namespace chieng::collector
