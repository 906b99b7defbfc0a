#include "transport/enroll/enroll.h"

#include <gtest/gtest.h>

#include <map>
#include <mutex>

namespace chieng {
namespace {

using namespace std::chrono_literals;

EnrollToken sample() {
  EnrollToken t;
  t.server_key = KeyPair::generate().public_key;
  t.secret = random_token_secret();
  t.endpoint = "tcp://10.0.0.1:7401";
  return t;
}

TEST(Token, RoundTripAndTypedForms) {
  const EnrollToken token = sample();
  const std::string text = make_token(token);
  EXPECT_TRUE(text.starts_with("chieng1-" + fingerprint(token.server_key) + "-"));
  std::string shouted = text, joined = "chieng1-" + fingerprint(token.server_key);
  for (char& c : shouted) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  for (const char c : text.substr(joined.size()))
    if (c != '-') joined += c == '0' ? 'O' : c == '1' ? 'l' : c;
  for (const std::string& form : {text, shouted, joined, "  " + text + "\n"}) {
    const auto got = parse_token(form);
    ASSERT_TRUE(got) << form << ": " << got.error().message();
    EXPECT_EQ(got->server_key, token.server_key);
    EXPECT_EQ(got->secret, token.secret);
    EXPECT_EQ(got->endpoint, token.endpoint);
  }
}

TEST(Token, EveryChangedOrMissingCharacterIsRefused) {
  const std::string text = make_token(sample());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '-' && i >= 16) continue;  // hyphens behind the fingerprint are for people only
    for (const char c : {'2', 'z', '!'}) {
      std::string bad = text;
      if (bad[i] == c) continue;
      bad[i] = c;
      EXPECT_FALSE(parse_token(bad)) << i << c;
    }
    std::string cut = text;
    EXPECT_FALSE(parse_token(cut.erase(i, 1))) << i;
  }
  EXPECT_FALSE(parse_token(""));
  EXPECT_FALSE(parse_token("chieng1-"));
  EXPECT_FALSE(parse_token(std::string(100'000, 'a')));
}

// A server's token table in memory, by the rules of EnrollHandler.
class Tokens : public EnrollHandler {
 public:
  struct Row {
    bool expired = false;
    std::optional<std::pair<PublicKey, std::string>> used_by;
    EnrollReply reply;
  };
  std::map<std::string, Row> rows;
  std::mutex mutex;
  int calls = 0;
  EnrollRequest last;

  std::expected<EnrollReply, EnrollRefusal> redeem(const EnrollRequest& request) override {
    const std::lock_guard lock(mutex);
    ++calls;
    last = request;
    const auto row = rows.find(request.token_hash);
    if (row == rows.end()) return std::unexpected(EnrollRefusal::unknown_token);
    if (row->second.used_by) {
      if (*row->second.used_by == std::pair(request.key, request.name)) return row->second.reply;
      return std::unexpected(EnrollRefusal::used);
    }
    if (row->second.expired) return std::unexpected(EnrollRefusal::expired);
    row->second.used_by = {request.key, request.name};
    row->second.reply = {Uuid::random(), Uuid::random(), Uuid::random(), "tcp://127.0.0.1:7400"};
    return row->second.reply;
  }
};

class Enroll : public ::testing::Test {
 protected:
  void SetUp() override {
    EnrollListenerSettings settings;
    settings.endpoints = {"tcp://127.0.0.1:*"};
    settings.keys = server_keys;
    settings.attempts_per_minute_address = 20;
    listener = std::make_unique<EnrollListener>(settings, tokens);
    const auto started = listener->start();
    ASSERT_TRUE(started) << started.error().message();
    call.token = {server_keys.public_key, random_token_secret(), listener->endpoints().front()};
    call.keys = KeyPair::generate();
    call.name = "xã Bình An";
    call.host_facts = "{\"os\":\"Debian 12\"}";
    call.timeout = 3s;
    tokens.rows[token_hash(call.token.secret)] = {};
  }
  const KeyPair server_keys = KeyPair::generate();
  Tokens tokens;
  std::unique_ptr<EnrollListener> listener;
  EnrollCall call;
};

TEST_F(Enroll, TokenBecomesAnAgentOnce) {
  const auto reply = enroll(call);
  ASSERT_TRUE(reply) << reply.error().message();
  EXPECT_TRUE(reply->agent.is_set());
  EXPECT_EQ(reply->transport_endpoint, "tcp://127.0.0.1:7400");
  EXPECT_EQ(tokens.last.key, call.keys.public_key);
  EXPECT_EQ(tokens.last.name, call.name);
  EXPECT_EQ(tokens.last.host_facts, call.host_facts);
  EXPECT_EQ(tokens.last.address, "127.0.0.1");
  EXPECT_EQ(enroll(call)->agent, reply->agent);  // a lost answer is asked for again
  call.keys = KeyPair::generate();
  const auto second = enroll(call);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::auth);
  EXPECT_NE(second.error().text.find("used"), std::string::npos);
}

TEST_F(Enroll, ExpiredAndUnknownTokens) {
  tokens.rows[token_hash(call.token.secret)].expired = true;
  EXPECT_NE(enroll(call).error().text.find("expired"), std::string::npos);
  call.token.secret[0] ^= 1;
  EXPECT_NE(enroll(call).error().text.find("does not know"), std::string::npos);
}

TEST_F(Enroll, AnotherServerWithAnotherKeyIsNotTalkedTo) {
  call.token.server_key = KeyPair::generate().public_key;
  call.timeout = 1s;
  EXPECT_FALSE(enroll(call));
  EXPECT_EQ(tokens.calls, 0);
}

TEST_F(Enroll, GuessesAreLimited) {
  int limited = 0;
  for (int i = 0; i < 25; ++i) {
    call.token.secret = random_token_secret();
    const auto reply = enroll(call);
    ASSERT_FALSE(reply);
    if (reply.error().text.find("too many") != std::string::npos) ++limited;
  }
  EXPECT_EQ(limited, 5);
  EXPECT_EQ(tokens.calls, 20);
}

TEST(EnrollCall_, WrongUse) {
  EnrollCall call;
  call.name = "a";
  EXPECT_EQ(enroll(call).error().code, ErrorCode::invalid_argument);
  call.endpoint = "http://server";
  EXPECT_EQ(enroll(call).error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace chieng
