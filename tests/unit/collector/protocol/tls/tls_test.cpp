#include "collector/protocol/tls/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "collector/protocol/tls/hello.h"
#include "core/bytes/reader.h"
#include "core/file/file.h"
#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector {
namespace {

using namespace test;

// A recorded conversation: a byte of direction, two of length, the bytes.
struct Piece {
  bool client;
  std::string data;
};
std::vector<Piece> conversation(const std::string& name) {
  const auto file = read_file(std::string(CHIENG_TEST_DATA) + "/tls/" + name);
  EXPECT_TRUE(file);
  std::vector<Piece> out;
  Reader in(as_bytes(*file));
  while (!in.at_end()) {
    const bool client = in.u8() == 0;
    out.push_back({client, std::string(as_text(in.take(in.u16())))});
  }
  return out;
}

// Plays it in segments of at most `size` bytes.
void play(Recorder& r, const std::vector<Piece>& pieces, std::size_t size) {
  r.ends.dst_port = 443;
  r.handshake();
  std::uint32_t sent[2]{};
  for (const Piece& p : pieces)
    for (std::size_t at = 0; at < p.data.size(); at += size) {
      const std::string part = p.data.substr(at, size);
      if (p.client)
        r.client(sent[0], part, sent[1]);
      else
        r.server(sent[1], part, sent[0]);
      sent[p.client ? 0 : 1] += static_cast<std::uint32_t>(part.size());
    }
}

TEST(Tls, ReadsHelloAndCertificate) {
  for (const std::size_t size : {1u, 7u, 100u, 1400u}) {
    Recorder r;
    play(r, conversation("tls12"), size);
    ASSERT_EQ(r.transactions.size(), 1u) << size;
    const auto tls = nlohmann::json::parse(r.transactions[0])["tls"];
    EXPECT_EQ(tls["sni"], "www.example.org");
    EXPECT_EQ(tls["version"], "TLS 1.2");
    EXPECT_EQ(tls["subject"], "C=VN, O=Example Org, CN=www.example.org");
    EXPECT_EQ(tls["issuerdn"], "C=VN, O=Example Org, CN=www.example.org");
    EXPECT_EQ(tls["serial"], "01:0A");
    EXPECT_EQ(tls["subjectaltname"][0], "www.example.org");
    EXPECT_EQ(tls["subjectaltname"][1], "192.0.2.1");
    EXPECT_EQ(tls["client_alpns"][0], "h2");
    EXPECT_EQ(tls["fingerprint"].get<std::string>().size(), 59u);
    EXPECT_EQ(tls["notbefore"].get<std::string>().size(), 19u);
    EXPECT_TRUE(tls["ja4"].get<std::string>().starts_with("t13d"));  // what the client offered
    EXPECT_TRUE(tls["ja3"]["string"].get<std::string>().starts_with("771,"));
    EXPECT_FALSE(tls.contains("session_resumed"));
  }
}

TEST(Tls, RecordsAfterBothSidesAreDone) {
  Recorder r;
  r.ends.dst_port = 443;
  r.handshake();
  const auto pieces = conversation("tls12");
  const std::string& hello = pieces[0].data;
  const std::string change("\x14\x03\x03\0\x01\x01", 6), data("\x17\x03\x03\0\x01x", 6);
  const auto at = static_cast<std::uint32_t>(hello.size());
  r.client(0, hello);
  r.client(at, change);
  r.server(0, "", at + 6, tcp_flag::ack | tcp_flag::fin);
  r.client(at + 6, "", 1);  // the transaction goes
  r.client(at + 6, data, 1);
  r.client(at + 12, data, 1);
  r.sensor.finish();
  EXPECT_EQ(r.transactions.size(), 1u);
}

// A server's flight: a hello, and a certificate message.
std::vector<std::string> events_of(const std::string& message) {
  Recorder r;
  auto pieces = conversation("tls12");
  const std::string hello =
      std::string("\x02\0\0\x26\x03\x03", 6) + std::string(32, 'r') + std::string("\0\0\x2f\0", 4);
  const std::string body = hello + message;
  pieces.resize(1);
  pieces.push_back(
      {false, std::string("\x16\x03\x03\0", 4) + static_cast<char>(body.size()) + body});
  play(r, pieces, 1400);
  return r.app_events;
}

TEST(Tls, CertificatesThatAreNone) {
  using testing::ElementsAre;
  const auto message = [](std::string_view list, std::uint8_t claimed) {
    const char size = static_cast<char>(list.size() + 3);
    return std::string("\x0b\0\0", 3) + size + std::string(2, '\0') + static_cast<char>(claimed) +
           std::string(list);
  };
  using namespace std::literals;
  EXPECT_THAT(events_of(message("\0\0\x09\x30\x05\x30\x84\xff\xff\xff\xfa\x04"sv, 12)),
              ElementsAre("certificate_invalid_length", "invalid_handshake_message"));
  EXPECT_THAT(events_of(message("\0\0\x04\1\2\3\4"sv, 7)),
              ElementsAre("certificate_invalid_der", "invalid_handshake_message"));
  EXPECT_THAT(events_of(message("\0\0\x14\1\2\3\4"sv, 7)),
              ElementsAre("invalid_certificate", "invalid_handshake_message"));
  EXPECT_THAT(events_of(message("\0\0\x04\1\2\3\4"sv, 99)),
              ElementsAre("invalid_handshake_message"));
  EXPECT_THAT(events_of(message(""sv, 0)), ElementsAre("invalid_handshake_message"));
}

TEST(Tls, Version13HasNoCertificateToSee) {
  Recorder r;
  play(r, conversation("tls13"), 500);
  ASSERT_EQ(r.transactions.size(), 1u);
  const auto tls = nlohmann::json::parse(r.transactions[0])["tls"];
  EXPECT_EQ(tls["version"], "TLS 1.3");
  EXPECT_FALSE(tls.contains("subject"));
  EXPECT_TRUE(tls["ja4"].get<std::string>().starts_with("t13d"));
}

TEST(Tls, ApplicationDataIsHidden) {
  Recorder r;
  const auto pieces = conversation("tls12");
  play(r, pieces, 1400);
  r.sensor.finish();
  std::size_t all = 0;
  for (const Piece& p : pieces)
    if (p.client) all += p.data.size();
  EXPECT_GT(r.streams[0].size(), 500u);
  EXPECT_LE(r.streams[0].size(), all);
  EXPECT_TRUE(r.streams[1].size() < 1200u);
}

TEST(Tls, AHelloThatIsCutGivesNothingWild) {
  const auto pieces = conversation("tls13");
  const Bytes body = as_bytes(pieces[0].data).subspan(9);
  for (std::size_t n = 0; n < body.size(); ++n) (void)tls::parse_client_hello(body.first(n));
  EXPECT_TRUE(tls::parse_client_hello(body));
}

// The examples of the specifications.
TEST(Tls, Fingerprints) {
  tls::Hello hello;
  hello.version = 0x0303;
  hello.ciphers = {0x0a0a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030,
                   0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035};
  hello.extensions = {0x1a1a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d,
                      0x0005, 0x0023, 0x0012, 0x002b, 0xff01, 0x000b, 0x000a, 0x0015};
  hello.supported_versions = {0x2a2a, 0x0304, 0x0303};
  hello.signature_algorithms = {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601};
  hello.groups = {0x3a3a, 29, 23, 24};
  hello.point_formats = {0};
  hello.alpn = {"h2", "http/1.1"};
  hello.sni = "example.org";
  EXPECT_EQ(tls::ja4(hello), "t13d1516h2_8daaf6152771_e5627efa2ab1");
  EXPECT_EQ(tls::ja3_text(hello),
            "771,4865-4866-4867-49195-49199-49196-49200-52393-52392-49171-49172-156-157-47-53,"
            "27-0-51-16-17513-23-45-13-5-35-18-43-65281-11-10-21,29-23-24,0");
}

}  // namespace
}  // namespace chieng::collector
