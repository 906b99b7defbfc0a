#include "collector/protocol/ike/ike.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "collector/protocol/ike/message.h"
#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector {
namespace {

using namespace test;
using testing::ElementsAre;

struct Payload {
  unsigned kind;
  std::string body;
};

std::string byte(unsigned v) {
  return {static_cast<char>(v)};
}

std::string message(unsigned version, unsigned exchange, unsigned flags,
                    const std::vector<Payload>& payloads, bool answered = false) {
  std::string body;
  for (std::size_t i = 0; i < payloads.size(); ++i)
    body += byte(i + 1 < payloads.size() ? payloads[i + 1].kind : 0) + byte(0) +
            be16(static_cast<unsigned>(payloads[i].body.size() + 4)) + payloads[i].body;
  return std::string("INITIATE") + (answered ? "RESPONDS" : std::string(8, '\0')) +
         byte(payloads.empty() ? 0 : payloads[0].kind) + byte(version) + byte(exchange) +
         byte(flags) + be32(0) + be32(static_cast<std::uint32_t>(28 + body.size())) + body;
}

std::string transform1(const std::vector<std::pair<unsigned, unsigned>>& attributes, bool last) {
  std::string body;
  for (const auto& [type, value] : attributes) body += be16(0x8000 | type) + be16(value);
  return byte(last ? 0 : 3) + byte(0) + be16(static_cast<unsigned>(body.size() + 8)) + byte(1) +
         byte(1) + be16(0) + body;
}

Payload association1(const std::string& transforms) {
  return {1, be32(1) + be32(1) + byte(0) + byte(0) +
                 be16(static_cast<unsigned>(transforms.size() + 8)) + byte(1) + byte(1) + byte(0) +
                 byte(1) + transforms};
}

Payload association2(const std::vector<std::pair<unsigned, unsigned>>& transforms,
                     unsigned protocol = 1) {
  std::string body;
  for (std::size_t i = 0; i < transforms.size(); ++i)
    body += byte(i + 1 < transforms.size() ? 3 : 0) + byte(0) + be16(8) +
            byte(transforms[i].first) + byte(0) + be16(transforms[i].second);
  return {33, byte(0) + byte(0) + be16(static_cast<unsigned>(body.size() + 8)) + byte(1) +
                  byte(protocol) + byte(0) + byte(static_cast<unsigned>(transforms.size())) + body};
}

struct Talk {
  Recorder r;
  explicit Talk(std::uint16_t port = 500) { r.ends.dst_port = port; }
  void client(const std::string& data) { r.send(ethernet(ipv4(r.ends, 17, udp(r.ends, data)))); }
  void server(const std::string& data) {
    const Ends e = r.ends.reversed();
    r.send(ethernet(ipv4(e, 17, udp(e, data))));
  }
  std::vector<nlohmann::json> events() {
    r.sensor.finish();
    std::vector<nlohmann::json> out;
    for (const std::string& tx : r.transactions) out.push_back(nlohmann::json::parse(tx)["ike"]);
    return out;
  }
};

TEST(Ike, FirstVersion) {
  Talk t;
  const std::string aes = transform1({{1, 7}, {14, 256}, {2, 2}, {4, 2}, {3, 1}}, true);
  t.client(message(0x10, 2, 0, {association1(aes), {13, "vendor"}}));
  t.server(message(0x10, 2, 0, {association1(aes)}, true));
  t.client(message(0x10, 2, 0, {{4, "key"}, {10, "nonce"}}, true));
  t.client(message(0x10, 2, 1, {{5, "encrypted"}}, true));
  const auto ike = t.events();
  ASSERT_EQ(ike.size(), 4u);
  EXPECT_EQ(ike[0]["init_spi"], "494e495449415445");
  EXPECT_EQ(ike[0]["ikev1"]["client"]["proposals"][0]["alg_enc"], "EncAesCbc");
  EXPECT_EQ(ike[0]["ikev1"]["vendor_ids"][0], "76656e646f72");
  EXPECT_FALSE(ike[0].contains("alg_enc"));
  EXPECT_EQ(ike[1]["alg_dh"], "GroupAlternate1024BitModpGroup");
  EXPECT_EQ(ike[1]["sa_key_length_raw"], 256);
  EXPECT_EQ(ike[1]["attributes"][2]["value"], "HashSha");
  EXPECT_EQ(ike[2]["ikev1"]["client"]["nonce_payload"], "6e6f6e6365");
  EXPECT_EQ(ike[2]["ikev1"]["client"]["key_exchange_payload_length"], 3);
  EXPECT_EQ(ike[2]["alg_enc"], "EncAesCbc");
  EXPECT_TRUE(ike[3]["ikev1"]["encrypted_payloads"].get<bool>());
  EXPECT_EQ(ike[3]["payload"][0], "Identification");
  EXPECT_THAT(t.r.app_events, testing::IsEmpty());
}

TEST(Ike, ServerThatOffersSeveral) {
  Talk t;
  const std::string two = transform1({{1, 1}}, false) + transform1({{1, 7}}, true);
  t.client(message(0x10, 2, 0, {association1(two)}));
  t.server(message(0x10, 2, 0, {association1(two)}, true));
  const auto ike = t.events();
  EXPECT_EQ(ike[1]["server_proposals"].size(), 2u);
  EXPECT_THAT(t.r.app_events, ElementsAre("multiple_server_proposal"));
}

TEST(Ike, SecondVersion) {
  Talk t;
  const Payload good = association2({{1, 12}, {2, 5}, {3, 12}, {4, 14}});
  t.client(message(0x20, 34, 8, {good, {34, be16(14) + be16(0) + "key"}, {40, "nonce"}}));
  t.server(message(0x20, 34, 0x20, {good, {41, byte(0) + byte(0) + be16(16388)}}, true));
  t.client(message(0x20, 35, 8, {{46, "encrypted"}}, true));
  const auto ike = t.events();
  ASSERT_EQ(ike.size(), 3u);
  EXPECT_EQ(ike[0]["role"], "initiator");
  EXPECT_THAT(ike[0]["payload"].get<std::vector<std::string>>(),
              ElementsAre("SecurityAssociation", "KeyExchange", "Nonce", "NoNextPayload"));
  EXPECT_EQ(ike[1]["alg_enc"], "ENCR_AES_CBC");
  EXPECT_EQ(ike[1]["alg_dh"], "Modp2048");
  EXPECT_EQ(ike[1]["ikev2"]["notify"][0], "NAT_DETECTION_SOURCE_IP");
  EXPECT_EQ(ike[1]["ikev2"]["errors"], 0);
  EXPECT_EQ(ike[2]["payload"][0], "EncryptedAndAuthenticated");
  EXPECT_THAT(t.r.app_events, testing::IsEmpty());
}

TEST(Ike, WeakProposals) {
  Talk t;
  t.client(message(0x20, 34, 8, {association2({{1, 3}, {2, 1}, {3, 1}, {4, 2}})}));
  t.server(message(0x20, 34, 0x20, {association2({{1, 0}, {9, 1}}, 2)}, true));
  t.events();
  EXPECT_THAT(t.r.app_events,
              ElementsAre("weak_crypto_enc", "weak_crypto_prf", "weak_crypto_auth",
                          "weak_crypto_dh", "invalid_proposal", "unknown_proposal",
                          "weak_crypto_no_dh", "no_encryption", "weak_crypto_no_auth"));
}

TEST(Ike, BehindTheMarkerOfPort4500) {
  Talk t(4500);
  const std::string hello = message(0x20, 34, 8, {association2({{1, 20}, {2, 5}, {4, 14}})});
  t.client(std::string(4, '\0') + hello);
  t.client("\xff");                                   // keep-alive
  t.client(be32(0x12345678) + std::string(60, 'e'));  // ESP
  EXPECT_EQ(t.events().size(), 1u);
  EXPECT_THAT(t.r.app_events, testing::IsEmpty());
}

TEST(Ike, AnotherPortOnlyFromTheBeginning) {
  Talk first(12345);
  first.client(message(0x20, 34, 8, {association2({{1, 20}})}));
  EXPECT_EQ(first.events().size(), 1u);
  Talk later(12345);
  later.client(message(0x20, 35, 8, {{46, "encrypted"}}, true));
  EXPECT_EQ(later.events().size(), 0u);
}

TEST(Ike, LengthsThatDoNotFit) {
  const std::string good = message(0x10, 2, 0, {association1(transform1({{1, 7}}, true))});
  for (std::size_t size = 0; size < good.size(); ++size) {
    const std::string part = good.substr(0, size);
    EXPECT_FALSE(ike::parse_message(as_bytes(part))) << size;
    EXPECT_FALSE(ike::is_message(as_bytes(part), false));
  }
  for (std::size_t at = 28; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = '\xff';
    const auto m = ike::parse_message(as_bytes(bad));
    ASSERT_TRUE(m);
    EXPECT_LE(m->transforms.size(), ike::Message::kMaxEntries);
  }
}

TEST(Ike, MessageThatIsNone) {
  Talk t;
  t.client(message(0x20, 34, 8, {association2({{1, 20}, {2, 5}, {4, 14}})}));
  t.client("too short");
  t.events();
  EXPECT_THAT(t.r.app_events, ElementsAre("malformed_data"));
}

}  // namespace
}  // namespace chieng::collector
