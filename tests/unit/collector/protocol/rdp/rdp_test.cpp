#include "collector/protocol/rdp/rdp.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/collector/flow/recorder.h"
#include "tests/unit/collector/protocol/conversation.h"

namespace chieng::collector {
namespace {

using namespace test;

std::string size16(std::size_t n) {
  return be16(static_cast<unsigned>(n));
}
std::string tpkt(const std::string& body) {
  return hex("0300") + size16(4 + body.size()) + body;
}
std::string connection(unsigned code, const std::string& rest) {
  return tpkt(std::string{static_cast<char>(rest.size() + 6), static_cast<char>(code)} +
              hex("0000123400") + rest);
}
// A negotiation structure: its type, flags and value.
std::string negotiation(unsigned type, unsigned flags, unsigned value) {
  return std::string{static_cast<char>(type), static_cast<char>(flags)} + hex("0800") +
         std::string{static_cast<char>(value), 0, 0, 0};
}
std::string request(const std::string& rest) {
  return connection(0xe0, rest);
}
std::string confirm(const std::string& rest) {
  return connection(0xd0, rest);
}
std::string block(unsigned type, const std::string& body) {
  const std::size_t size = body.size() + 4;
  return std::string{static_cast<char>(type & 0xff), static_cast<char>(type >> 8),
                     static_cast<char>(size & 0xff), static_cast<char>(size >> 8)} +
         body;
}
std::string wide(const std::string& text, std::size_t size) {
  std::string out;
  for (const char c : text) out += std::string{c, '\0'};
  out.resize(size);
  return out;
}
// MCS connect initial with the client's core data and two channels.
std::string connect() {
  const std::string core = hex("04000800 0005 0004 01ca 03aa 2a040000 280a0000") +
                           wide("MAY-01", 32) + hex("04000000 00000000 0c000000") +
                           std::string(64, '\0') + hex("01ca 0100 00000000 1800 0700 0100") +
                           wide("id-1", 64) + hex("06 00 01000000");
  const std::string data =
      block(0xc001, core) +
      block(0xc003, hex("02000000") + wide("", 0) + std::string("rdpdr\0\0\0", 8) +
                        hex("000000c0") + std::string("cliprdr\0", 8) + hex("000000c0"));
  return tpkt(hex("02f080 7f65 820200 00050014 7c0001 8120 0008001000 01c000") + "Duca" +
              size16(0x8000 | data.size()) + data);
}
std::string record(const std::string& body) {
  return hex("160303") + size16(body.size()) + body;
}
std::string u24(std::size_t n) {
  return hex("00") + size16(n);
}

struct Rdp : testing::Test {
  Conversation talk{kRdp};
  [[nodiscard]] nlohmann::json tx(std::size_t n) const {
    return nlohmann::json::parse(talk.json(n))["rdp"];
  }
};

TEST_F(Rdp, ARequestAndItsAnswer) {
  talk.client(request("Cookie: mstshash=an\r\n" + negotiation(1, 8, 3)));
  talk.server(confirm(negotiation(2, 0x1f, 1)));
  ASSERT_EQ(talk.count(), 2u);
  EXPECT_EQ(tx(0).dump(), R"({"cookie":"an","event_type":"initial_request",)"
                          R"("flags":["correlation_info_present"],"tx_id":1})");
  EXPECT_EQ(
      tx(1).dump(),
      R"({"event_type":"initial_response","protocol":"ssl","server_supports":)"
      R"(["extended_client_data","dynvc_gfx","restricted_admin","redirected_authentication"],)"
      R"("tx_id":2})");
}

TEST_F(Rdp, ARefusalSaysWhy) {
  talk.client(request(negotiation(1, 0, 0))).server(confirm(negotiation(3, 0, 5)));
  EXPECT_EQ(tx(1).dump(), R"({"error_code":5,"event_type":"initial_response",)"
                          R"("reason":"hybrid required by server","tx_id":2})");
}

TEST_F(Rdp, WhatTheClientIs) {
  talk.in_pieces(7);
  talk.client(request("")).server(confirm("")).client(connect());
  talk.server(tpkt(hex("02f080 7f66 03 0a0100")));
  ASSERT_EQ(talk.count(), 4u);
  EXPECT_EQ(
      tx(2)["client"].dump(),
      R"({"build":"Windows XP","capabilities":["support_errinfo_pdf"],"client_name":"MAY-01",)"
      R"("color_depth":24,"connection_hint":"lan","desktop_height":1024,"desktop_width":1280,)"
      R"("function_keys":12,"id":"id-1","keyboard_layout":"vi-VN","keyboard_type":"enhanced",)"
      R"("product_id":1,"version":"v5"})");
  EXPECT_EQ(tx(2)["channels"].dump(), R"(["rdpdr","cliprdr"])");
  EXPECT_EQ(tx(3)["event_type"], "connect_response");
}

TEST_F(Rdp, CertificatesAreNamedByTheirNumbers) {
  const std::string certificate = hex("300d 300b a003020102 0204 1a2b3c4d");
  const std::string list = u24(certificate.size()) + certificate;
  const std::string message = hex("0b") + u24(list.size() + 3) + u24(list.size()) + list;
  talk.client(request(negotiation(1, 0, 1))).server(confirm(negotiation(2, 0, 1)));
  talk.client(record(hex("01000000")));
  talk.server(record(hex("02000000") + message.substr(0, 9)) + record(message.substr(9)));
  ASSERT_EQ(talk.count(), 3u);
  EXPECT_EQ(tx(2).dump(),
            R"({"event_type":"tls_handshake","tx_id":3,"x509_serials":["1a2b3c4d"]})");
}

TEST_F(Rdp, OtherDataEndIt) {
  talk.client(request("")).server("SSH-2.0-x\r\n").client(connect());
  EXPECT_EQ(talk.count(), 1u);
}

TEST(RdpProbe, OnOtherPortsOnlyByWhatIsItsOwn) {
  const auto probe = [](const std::string& data, bool hint) {
    return kRdp.probe(Direction::to_server, as_bytes(data), hint);
  };
  const std::string s7 = connection(0xe0, hex("c0010a c1020100 c2020102"));
  EXPECT_EQ(probe(s7, false), Probe::no);
  EXPECT_EQ(probe(request(""), false), Probe::no);
  EXPECT_EQ(probe(request(""), true), Probe::yes);
  EXPECT_EQ(probe(request("Cookie: mstshash=an\r\n"), false), Probe::yes);
  EXPECT_EQ(probe(request(negotiation(1, 0, 3)), false), Probe::yes);
}

}  // namespace
}  // namespace chieng::collector
