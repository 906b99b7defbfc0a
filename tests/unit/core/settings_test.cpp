#include "core/config/settings.h"

#include <gtest/gtest.h>

#include <ctime>

namespace chieng {
namespace {

const std::vector<SettingSpec> kSpecs = {
    {"stream.midstream", SettingKind::boolean, "false",
     "Take up connections whose start was not seen."},
    {"stream.memory", SettingKind::size, "256mb", "Memory for reassembly."},
    {"stream.timeout", SettingKind::duration, "30s", "Time.", {}, 1000, 60'000},
    {"level", SettingKind::choice, "info", "How much to log.", {"info", "debug"}},
    {"names", SettingKind::texts, "a, b", "Names."},
    {"title", SettingKind::text, "", "A title."},
    {"files", SettingKind::tree, "", "Files."},
};

TEST(Settings, HaveDefaultsAndTakeValues) {
  Settings s(kSpecs);
  EXPECT_EQ(s.integer("stream.memory"), 256 << 20);
  EXPECT_EQ(s.texts("names"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(s.tree("files"), nullptr);
  const auto status = s.load(
      "stream: {midstream: yes, memory: 64kb}\nnames: [x]\nfiles:\n  - path: /a\n", "f.yaml");
  ASSERT_TRUE(status) << status.error().message();
  EXPECT_TRUE(s.boolean("stream.midstream"));
  EXPECT_EQ(s.integer("stream.memory"), 65536);
  EXPECT_EQ(s.texts("names").size(), 1u);
  EXPECT_EQ(s.tree("files")->items.at(0).find("path")->scalar, "/a");
  ASSERT_TRUE(s.set("stream.midstream", "false"));
  EXPECT_FALSE(s.boolean("stream.midstream"));
  EXPECT_EQ(s.where("stream.midstream"), "--set");
}

TEST(Settings, NameFileLineKeyAndAcceptedValues) {
  Settings s(kSpecs);
  const auto status =
      s.load("level: loud\nstream:\n  midstrem: true\n  memory: lots\n  timeout: 2m\ntitle: [1]\n",
             "f.yaml");
  ASSERT_FALSE(status);
  const std::string text = status.error().message();
  for (const char* part :
       {"f.yaml:1: level is \"loud\"; accepted is one of: info, debug",
        "f.yaml:3: unknown setting stream.midstrem; did you mean stream.midstream?",
        "f.yaml:4: stream.memory is \"lots\"", "f.yaml:5: stream.timeout",
        "f.yaml:6: title is a list"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nin\n" << text;
}

TEST(Settings, RefuseBadYamlWithItsPlace) {
  Settings s(kSpecs);
  const auto status = s.load("a: [1\nb: }", "f.yaml");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().context.rfind("f.yaml:2", 0), 0u) << status.error().message();
  EXPECT_FALSE(s.load("level: info\nlevel: debug\n", "f.yaml"));  // a key twice
  EXPECT_FALSE(s.set("nope", "1"));
}

TEST(Settings, ReferenceLoadsAsItsOwnDefaults) {
  Settings s(kSpecs);
  const std::string text = Settings::reference(kSpecs);
  const auto status = s.load(text, "reference");
  EXPECT_TRUE(status) << status.error().message() << text;
}

// In processor time, which other programs on the machine do not change.
TEST(Yaml, ManyKeysOfAMapTakeLinearTime) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "key" + std::to_string(i) + ": 1\n";
  const std::clock_t begin = std::clock();
  EXPECT_TRUE(parse_yaml(text, "many.yml"));
  EXPECT_LT(std::clock() - begin, 20 * CLOCKS_PER_SEC);
  EXPECT_FALSE(parse_yaml(text + "key7: 2\n", "many.yml"));
}

TEST(Yaml, IsBounded) {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 9; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) bomb += (k ? ",*a" : "*a") + std::to_string(i - 1);
    bomb += "]\n";
  }
  EXPECT_FALSE(parse_yaml(bomb, "bomb"));
  EXPECT_FALSE(parse_yaml(std::string(5000, '['), "deep"));
}

TEST(Yaml, EndsOnBrokenTexts) {
  for (const char* text : {",\n", "]\n", "}\n", "- [,\n", "a: *a\n", "&a [*a]\n", "? [x]: y\n"})
    EXPECT_FALSE(parse_yaml(text, "broken")) << text;
}

TEST(Yaml, KnowsAnchorsNullsQuotesAndDocuments) {
  const auto out = parse_yaml("a: &x [1, 'two', ~, \"\"]\nb: *x\nc:\n---\nsecond\n", "t");
  ASSERT_TRUE(out) << out.error().message();
  ASSERT_EQ(out->size(), 2u);
  const YamlNode* b = out->front().find("b");
  ASSERT_NE(b, nullptr);
  ASSERT_EQ(b->items.size(), 4u);
  EXPECT_FALSE(b->items[0].quoted);
  EXPECT_TRUE(b->items[1].quoted);
  EXPECT_TRUE(b->items[2].is_null());
  EXPECT_TRUE(b->items[3].is_scalar());
  EXPECT_TRUE(out->front().find("c")->is_null());
  EXPECT_EQ(out->back().scalar, "second");
}

}  // namespace
}  // namespace chieng
