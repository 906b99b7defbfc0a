#include "collector/protocol/dtls/dtls.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/collector/frames.h"
#include "tests/unit/collector/protocol/conversation.h"

namespace chieng::collector {
namespace {

using namespace test;

std::string be24(std::size_t n) {
  return hex("00") + be16(static_cast<unsigned>(n));
}
std::string record(const std::string& body, const std::string& epoch = hex("0000")) {
  return hex("16 fefd") + epoch + hex("000000000001") + be16(static_cast<unsigned>(body.size())) +
         body;
}
std::string fragment(unsigned type, const std::string& whole, std::size_t from, std::size_t size) {
  return std::string(1, static_cast<char>(type)) + be24(whole.size()) + hex("0000") + be24(from) +
         be24(size) + whole.substr(from, size);
}
std::string message(unsigned type, const std::string& body) {
  return record(fragment(type, body, 0, body.size()));
}
// Server name "a.vn", DTLS 1.3 and 1.2.
std::string client_hello(const std::string& cookie) {
  return hex("fefd") + std::string(32, 'R') + hex("00") +
         std::string(1, static_cast<char>(cookie.size())) + cookie + hex("0004 c02b c02c 0100") +
         hex("0016 0000 0009 0007 00 0004") + "a.vn" + hex("002b 0005 04 fefc fefd");
}
std::string server_hello(const std::string& extensions) {
  return hex("fefd") + std::string(32, 'S') + hex("00 c02b 00") + extensions;
}

nlohmann::json tx(const Conversation& talk) {
  return nlohmann::json::parse(talk.json(0))["dtls"];
}

TEST(Dtls, HellosWithACookie) {
  Conversation talk(kDtls);
  talk.client(message(1, client_hello(""))).server(message(3, hex("feff 04 01020304")));
  talk.client(message(1, client_hello(hex("01020304")))).server(message(2, server_hello("")));
  ASSERT_EQ(talk.count(), 1u);
  EXPECT_TRUE(talk.is_complete(0));
  EXPECT_EQ(tx(talk)["version"], "DTLS 1.2");
  EXPECT_EQ(tx(talk)["sni"], "a.vn");
  EXPECT_EQ(tx(talk)["cookie"], true);
  EXPECT_EQ(tx(talk)["cipher"], "0xc02b");
  EXPECT_EQ(talk.text(0, "tls.sni"), "a.vn");
  EXPECT_TRUE(talk.text(0, "ja4.hash").starts_with("dd3d020200_")) << talk.text(0, "ja4.hash");
}

TEST(Dtls, AHelloInFragments) {
  const std::string whole = client_hello("");
  Conversation talk(kDtls);
  talk.client(record(fragment(1, whole, 0, 20)));
  EXPECT_EQ(talk.count(), 0u);
  talk.client(record(fragment(1, whole, 20, whole.size() - 20)));
  ASSERT_EQ(talk.count(), 1u);
  EXPECT_EQ(tx(talk)["sni"], "a.vn");
}

TEST(Dtls, TheServerChoosesVersion13) {
  Conversation talk(kDtls);
  talk.client(message(1, client_hello("")))
      .server(message(2, server_hello(hex("0006 002b 0002 fefc"))));
  EXPECT_EQ(tx(talk)["version"], "DTLS 1.3");
  EXPECT_EQ(tx(talk)["cookie"], false);
}

TEST(Dtls, WhatIsCutIsReported) {
  Conversation talk(kDtls);
  talk.client(message(1, hex("fefd0102")));
  EXPECT_TRUE(talk.has_event("malformed_hello"));
}

TEST(Dtls, ItsRecordsAreKnown) {
  const auto probe = [](const std::string& data) {
    return kDtls.probe(Direction::to_server, as_bytes(data), false);
  };
  EXPECT_EQ(probe(message(1, client_hello(""))), Probe::yes);
  EXPECT_EQ(probe(message(2, client_hello(""))), Probe::no);
  EXPECT_EQ(probe(record("encrypted", hex("0001"))), Probe::no);
  EXPECT_EQ(probe(message(1, client_hello("")).substr(0, 30)), Probe::no);
}

}  // namespace
}  // namespace chieng::collector
