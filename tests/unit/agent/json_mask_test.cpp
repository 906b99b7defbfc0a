#include "agent/events/json_mask.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/event/json_writer.h"

namespace chieng::agent {
namespace {

using Json = nlohmann::json;

PrivacyPolicy masking() {
  PrivacyPolicy out;
  out.enabled = true;
  return out;
}

Json masked(std::string_view json, const PrivacyPolicy& policy = masking()) {
  JsonMask mask(policy);
  const Json out = Json::parse(mask.apply(json), nullptr, false);
  EXPECT_FALSE(out.is_discarded()) << json;
  return out;
}

TEST(JsonMask, KeepsWhatIsPlainByteForByte) {
  const std::string json =
      R"({"timestamp":"2026-11-23T17:26:54.123456+0000","flow_id":123456789012,"src_ip":"192.0.2.1",)"
      R"("alert":{"signature":"say \"password=x\"","metadata":{"k":["v"]},"n":[1,2,{"a":[]}]},"b":true,"c":null})";
  JsonMask mask(masking());
  EXPECT_EQ(mask.apply(json), json);
}

TEST(JsonMask, ReplacesSecretsInsideTextOfAnyField) {
  const Json out = masked(
      R"({"http":{"url":"/login?user=an&password=hunter2&x=1","newfield":"id 012345678901."}})");
  EXPECT_EQ(out["http"]["url"], "/login?user=an&password=***&x=1");
  EXPECT_EQ(out["http"]["newfield"].get<std::string>().find("012345678901"), std::string::npos);
}

TEST(JsonMask, HidesCredentialFieldsAndHeaders) {
  const Json out = masked(
      R"({"http":{"request_headers":[{"name":"Host","value":"a.example"},)"
      R"({"name":"AUTHORIZATION","value":"Basic aHVudGVyMg=="}]},"ftp":{"password":"hunter2"}})");
  EXPECT_EQ(out["http"]["request_headers"][0]["value"], "a.example");
  EXPECT_EQ(out["http"]["request_headers"][1]["value"], "***");
  EXPECT_EQ(out["ftp"]["password"], "***");
}

TEST(JsonMask, HidesWhatCommandsTell) {
  const Json out = masked(
      R"({"pop3":{"request":{"command":"PASS","args":["hunter2"]}},"a":{"command":"RETR","args":["7"]}})");
  EXPECT_EQ(out["pop3"]["request"]["args"][0], "***");
  EXPECT_EQ(out["a"]["args"][0], "7");
}

TEST(JsonMask, TreatsPersonalFieldsAsThePolicySays) {
  const std::string json =
      R"({"user":{"name":"an.nguyen"},"smtp":{"mail_from":"<an@example.vn>","rcpt_to":["<b@example.vn>"]}})";
  EXPECT_EQ(masked(json)["user"]["name"], "an.nguyen");
  PrivacyPolicy hide = masking();
  hide.personal = PrivacyAction::mask;
  const Json out = masked(json, hide);
  EXPECT_EQ(out["user"]["name"], "***");
  EXPECT_EQ(out["smtp"]["mail_from"], "***");
  EXPECT_EQ(out["smtp"]["rcpt_to"][0], "***");
  hide.personal = PrivacyAction::hash;
  hide.hash_key = "0123456789abcdef";
  EXPECT_TRUE(masked(json, hide)["user"]["name"].get<std::string>().starts_with("h:"));
}

TEST(JsonMask, SurvivesEscapesOfEveryKind) {
  std::string text;
  JsonWriter json(text);
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  json.begin_object()
      .field("x", all)
      .field("y", "quote \" backslash \\ password=\"a\\\"b\" end")
      .end_object();
  const Json before = Json::parse(text);
  const Json after = masked(text);
  EXPECT_EQ(after["x"], before["x"]);
  EXPECT_EQ(after["y"].get<std::string>().find("a\\\"b"), std::string::npos);
}

}  // namespace
}  // namespace chieng::agent
