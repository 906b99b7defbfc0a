#include "agent/events/explain.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace chieng::agent {
namespace {

using Json = nlohmann::json;

Json explain(const MatchedOption& option, bool masked) {
  PrivacyPolicy policy;
  policy.enabled = masked;
  ExplainWriter writer(policy);
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  writer.write(json, std::span(&option, 1));
  json.end_object();
  return Json::parse(text)["explain"][0];
}

MatchedOption option_at(std::string_view data, std::string_view match) {
  MatchedOption out;
  out.option = "content:\"x\"";
  out.buffer = "http.request_body";
  out.data = as_bytes(data);
  out.offset = static_cast<std::int64_t>(data.find(match));
  out.length = static_cast<std::uint32_t>(match.size());
  out.privacy = FieldClass::content;
  return out;
}

TEST(Explain, MarksTheBytesThatMet) {
  const Json e = explain(option_at("cmd=id;\x01 uid=0(root)", "uid=0"), false);
  EXPECT_EQ(e["offset"], 9);
  EXPECT_EQ(e["length"], 5);
  const std::string text = e["excerpt"]["text"];
  EXPECT_EQ(text, "cmd=id;. uid=0(root)");
  EXPECT_EQ(text.substr(e["excerpt"]["match_offset"], e["excerpt"]["match_length"]), "uid=0");
  EXPECT_EQ(e["excerpt"]["hex"].get<std::string>().size(), 2 * text.size());
}

TEST(Explain, CutsLongBuffersAroundTheMatch) {
  const std::string data = std::string(1000, 'a') + "needle" + std::string(1000, 'b');
  const Json e = explain(option_at(data, "needle"), false);
  EXPECT_EQ(e["excerpt"]["offset"], 1000 - ExplainWriter::kContext);
  EXPECT_EQ(e["excerpt"]["match_offset"], ExplainWriter::kContext);
  EXPECT_LE(e["excerpt"]["text"].get<std::string>().size(),
            2 * ExplainWriter::kContext + ExplainWriter::kMatch);
}

TEST(Explain, WhereFieldsAreMaskedSecretsAreBlankInTextAndHex) {
  const std::string data = "user=an&password=hunter2&id=012345678901&evil=1";
  const Json e = explain(option_at(data, "evil"), true);
  const std::string all = e.dump();
  EXPECT_EQ(all.find("hunter2"), std::string::npos);
  EXPECT_EQ(all.find(to_hex(as_bytes(std::string_view("hunter2")))), std::string::npos);
  EXPECT_EQ(all.find("012345678901"), std::string::npos);
  EXPECT_EQ(all.find(to_hex(as_bytes(std::string_view("012345678901")))), std::string::npos);
  EXPECT_NE(all.find("evil"), std::string::npos);
}

TEST(Explain, ASecretThatTheExcerptBeginsInsideIsBlankToo) {
  const std::string data = "password=" + std::string(60, 'S') + "&evil=1";
  EXPECT_EQ(explain(option_at(data, "evil"), true).dump().find("SSS"), std::string::npos);
  MatchedOption later = option_at("restOfSecret&evil=1", "evil");
  later.data_offset = 500;
  later.offset += 500;
  const Json e = explain(later, true);
  EXPECT_EQ(e.dump().find("restOfSecret"), std::string::npos);
  EXPECT_NE(e.dump().find("evil"), std::string::npos);
}

TEST(Explain, CredentialsGiveOffsetAndLengthOnly) {
  MatchedOption o = option_at("Basic aHVudGVyMg==", "aHVud");
  o.privacy = FieldClass::credential;
  EXPECT_FALSE(explain(o, true).contains("excerpt"));
  EXPECT_EQ(explain(o, true)["length"], 5);
  EXPECT_TRUE(explain(o, false).contains("excerpt"));
}

TEST(Explain, OptionsWithoutAPlaceAndWrongPlacesHaveNoExcerpt) {
  MatchedOption o = option_at("abc", "b");
  o.offset = -1;
  o.note = "count 5 of 5 in 60 s";
  EXPECT_FALSE(explain(o, false).contains("excerpt"));
  EXPECT_EQ(explain(o, false)["note"], "count 5 of 5 in 60 s");
  o.offset = 4000;
  EXPECT_FALSE(explain(o, false).contains("excerpt"));
  o.offset = 2;
  o.length = 4'000'000'000U;
  EXPECT_EQ(explain(o, false)["excerpt"]["match_length"], 1);
}

}  // namespace
}  // namespace chieng::agent
