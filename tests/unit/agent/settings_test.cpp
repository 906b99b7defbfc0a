#include "agent/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "agent/events/event_out.h"
#include "core/file/file.h"

namespace chieng::agent {
namespace {

using testing::HasSubstr;

Settings defaults() {
  return Settings(setting_specs());
}

TEST(AgentSettings, EveryKeyIsDocumentedAndUnique) {
  std::vector<std::string_view> keys;
  for (const SettingSpec& spec : setting_specs()) {
    EXPECT_GT(spec.doc.size(), 20u) << spec.key;
    EXPECT_TRUE(spec.doc.ends_with('.')) << spec.key;
    keys.push_back(spec.key);
  }
  std::ranges::sort(keys);
  EXPECT_EQ(std::ranges::adjacent_find(keys), keys.end());
}

TEST(AgentSettings, TheReferencePageIsTheProgramsOwn) {
  const auto page =
      read_file(std::filesystem::path(CHIENG_TEST_DATA) / "../../docs/agent-settings.md");
  ASSERT_TRUE(page) << page.error().message();
  EXPECT_EQ(*page, settings_markdown())
      << "run: chieng-agent settings --markdown > docs/agent-settings.md";
}

TEST(AgentSettings, TheReferenceItselfLoads) {
  Settings s = defaults();
  const Status status = s.load(Settings::reference(setting_specs()), "reference.yaml");
  EXPECT_TRUE(status) << status.error().message();
}

TEST(AgentSettings, FaultsNameFileLineKeyAndWhatIsAccepted) {
  Settings s = defaults();
  const Status status =
      s.load("stream:\n  midstream: perhaps\nfile:\n  hashs: md5\ncommunity_id:\n  seed: 70000\n",
             "a.yaml");
  ASSERT_FALSE(status);
  const std::string text = status.error().message();
  EXPECT_THAT(text,
              HasSubstr("a.yaml:2: stream.midstream is \"perhaps\"; accepted is true or false"));
  EXPECT_THAT(text, HasSubstr("a.yaml:4: unknown setting file.hashs; did you mean file.hashes?"));
  EXPECT_THAT(
      text,
      HasSubstr(
          "a.yaml:6: community_id.seed is \"70000\"; accepted is a whole number from 0 to 65535"));
}

TEST(AgentSettings, BecomeTheSensors) {
  Settings s = defaults();
  ASSERT_TRUE(s.set("stream.checksum_validation", "false"));
  ASSERT_TRUE(s.set("stream.reassembly_depth", "0"));
  ASSERT_TRUE(s.set("http.response_body_limit", "1mb"));
  ASSERT_TRUE(s.set("file.hashes", "md5,sha1"));
  ASSERT_TRUE(s.set("flow.tcp_new", "5s"));
  const auto sensor = sensor_settings(s);
  ASSERT_TRUE(sensor);
  EXPECT_FALSE(sensor->stream.checksum_validation);
  EXPECT_EQ(sensor->stream.reassembly_depth, 0u);
  EXPECT_EQ(sensor->http.response_body_limit, 1u << 20);
  EXPECT_EQ(sensor->flow.tcp_new, 5);
  EXPECT_TRUE(sensor->files.md5 && sensor->files.sha1);
  EXPECT_FALSE(sensor->files.sha256);
}

TEST(AgentSettings, DefaultsAreTheCollectorsOwn) {
  const auto sensor = sensor_settings(defaults());
  ASSERT_TRUE(sensor);
  const collector::SensorSettings own;
  EXPECT_EQ(sensor->stream.reassembly_depth, own.stream.reassembly_depth);
  EXPECT_EQ(sensor->stream.memory, own.stream.memory);
  EXPECT_EQ(sensor->flow.capacity, own.flow.capacity);
  EXPECT_EQ(sensor->flow.tcp_established, own.flow.tcp_established);
  EXPECT_EQ(sensor->http.request_body_limit, own.http.request_body_limit);
  EXPECT_EQ(sensor->http.response_inspect_minimum, own.http.response_inspect_minimum);
  EXPECT_EQ(sensor->max_transactions, own.max_transactions);
}

TEST(AgentSettings, UnknownHashesAndLayersAreRefused) {
  Settings s = defaults();
  ASSERT_TRUE(s.load("file:\n  hashes: [md5, crc32]\neve:\n  anomalies: [link]\n", "b.yaml"));
  const auto sensor = sensor_settings(s);
  ASSERT_FALSE(sensor);
  EXPECT_THAT(
      sensor.error().message(),
      HasSubstr("b.yaml:2: file.hashes holds \"crc32\"; accepted is any of md5, sha1, sha256"));
  const auto events = make_event_options(s, false);
  ASSERT_FALSE(events);
  EXPECT_THAT(events.error().message(), HasSubstr("b.yaml:4: eve.anomalies holds \"link\""));
}

TEST(AgentSettings, TheCentreAlwaysGetsReferences) {
  Settings s = defaults();
  EXPECT_TRUE(make_event_options(s, true)->references);
  EXPECT_FALSE(make_event_options(s, false)->references);
  ASSERT_TRUE(s.load("eve:\n  references: true\n", "r.yaml"));
  EXPECT_TRUE(make_event_options(s, false)->references);
}

TEST(AgentSettings, VariablesGoOverTheirDefaults) {
  Settings s = defaults();
  ASSERT_TRUE(s.load("vars:\n  HOME_NET: [10.1.0.0/16, 10.2.0.0/16]\n", "c.yaml"));
  const std::vector<std::string> extra = {"$HTTP_PORTS=8080", "MINE=192.0.2.1"};
  const auto vars = rule_variables(s, extra);
  ASSERT_TRUE(vars);
  const auto value = [&](std::string_view name) {
    const auto at = std::ranges::find(*vars, name, &Variables::value_type::first);
    return at == vars->end() ? std::string("absent") : at->second;
  };
  EXPECT_EQ(value("HOME_NET"), "[10.1.0.0/16,10.2.0.0/16]");
  EXPECT_EQ(value("EXTERNAL_NET"), "!$HOME_NET");
  EXPECT_EQ(value("HTTP_PORTS"), "8080");
  EXPECT_EQ(value("MINE"), "192.0.2.1");
  EXPECT_FALSE(rule_variables(s, std::vector<std::string>{"no equals sign"}));
}

TEST(AgentSettings, LogFilesSayWhatIsWrongWithThem) {
  Settings s = defaults();
  ASSERT_TRUE(s.load(
      "logs:\n  files:\n    - {path: /var/log/auth.log, format: sshd}\n    - /var/log/*.log\n",
      "d.yaml"));
  const auto files = log_files(s);
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 2u);
  EXPECT_EQ((*files)[0].format, "sshd");
  EXPECT_EQ((*files)[1].path, "/var/log/*.log");
  ASSERT_TRUE(s.load("logs:\n  files:\n    - {pth: /var/log/auth.log}\n", "d.yaml"));
  const auto wrong = log_files(s);
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message(), HasSubstr("d.yaml:"));
  EXPECT_THAT(wrong.error().message(), HasSubstr("unknown member pth"));
}

TEST(AgentSettings, RunMasksWhateverTheFileSays) {
  Settings s = defaults();
  ASSERT_TRUE(s.set("privacy.mask", "false"));
  EXPECT_TRUE(privacy_policy(s, true)->enabled);
  EXPECT_FALSE(privacy_policy(s, false)->enabled);
  ASSERT_TRUE(s.set("privacy.personal", "hash"));
  const auto keyless = privacy_policy(s, true);
  ASSERT_FALSE(keyless);
  EXPECT_THAT(keyless.error().message(), HasSubstr("privacy.hash_key_file"));
}

}  // namespace
}  // namespace chieng::agent
