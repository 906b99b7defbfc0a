#include "agent/events/log_writer.h"

#include <gtest/gtest.h>

#include "agent/events/health_writer.h"
#include "collected_events.h"

namespace chieng::agent {
namespace {

using Json = nlohmann::json;

collector::LogEvent failed_login() {
  collector::LogEvent e;
  e.service = "sshd";
  e.event_time = Timestamp::from_seconds(1'700'000'000);
  e.outcome = collector::Outcome::failure;
  e.category = "authentication";
  e.src_ip = parse_address("192.0.2.9");
  e.src_port = 5022;
  e.user = "root";
  e.host = "gw";
  e.process = "sshd";
  e.pid = 4711;
  e.message = "Failed password for root, password=hunter2, id 012345678901";
  return e;
}

TEST(LogWriter, ALineBecomesAnEvent) {
  CollectedEvents sink;
  EventOut out({}, sink);
  LogWriter writer(out);
  Record record;
  record.file = "/var/log/auth.log";
  record.line = 12;
  const collector::LogEvent event = failed_login();
  writer.write_log(
      {.record = record, .event = &event, .observed = {}, .cut = false, .malformed = {}});
  const Json& e = sink.events.at(0);
  EXPECT_EQ(e["event_type"], "log");
  EXPECT_EQ(e["timestamp"], "2023-11-14T22:13:20.000000+0000");
  EXPECT_EQ(e["log"], (Json{{"file", "/var/log/auth.log"}, {"line", 12}}));
  EXPECT_EQ(e["event"]["outcome"], "failure");
  EXPECT_EQ(e["src_ip"], "192.0.2.9");
  EXPECT_EQ(e["user"]["name"], "root");
  EXPECT_EQ(e["process"]["pid"], 4711);
  EXPECT_EQ(sink.envelopes[0].event_class, EventClass::metadata);
}

TEST(LogWriter, ASigmaAlertTellsRuleAndPlaceAndNoSecret) {
  CollectedEvents sink;
  EventOptions options;
  options.privacy.enabled = true;
  EventOut out(options, sink);
  LogWriter writer(out);
  Record record;
  record.file = "auth.log";
  record.line = 3;
  RuleInfo rule;
  rule.engine = RuleEngine::sigma;
  rule.rule_id = "3f2a";
  rule.message = "planted";
  rule.priority = 2;
  rule.author = "A. Author";
  rule.tags = {"attack.t1110"};
  const collector::LogEvent event = failed_login();
  const sigma::MatchedValue met[] = {{"selection", "", "'Failed password'", event.message},
                                     {"selection", "Password", "Password: '*'", "geheim"}};
  writer.write_alert(
      {.record = record, .event = &event, .observed = {}, .cut = false, .malformed = {}}, rule,
      met);
  const Json& e = sink.events.at(0);
  EXPECT_EQ(e["event_type"], "alert");
  EXPECT_EQ(e["alert"]["engine"], "sigma");
  EXPECT_EQ(e["alert"]["rule_id"], "3f2a");
  EXPECT_EQ(e["alert"]["severity"], 2);
  EXPECT_EQ(e["alert"]["author"], "A. Author");
  EXPECT_EQ(e["alert"]["tags"], Json::array({"attack.t1110"}));
  EXPECT_EQ(e["log"]["line"], 3);
  EXPECT_EQ(e["alert"]["explain"][0]["buffer"], "message");
  EXPECT_EQ(e["alert"]["explain"][0]["offset"], 0);
  EXPECT_EQ(e["alert"]["explain"][0]["length"], std::string_view("Failed password").size());
  EXPECT_TRUE(e["alert"]["explain"][0].contains("excerpt"));
  EXPECT_FALSE(e["alert"]["explain"][1].contains("excerpt"));
  for (const std::string_view secret : {"hunter2", "geheim", "012345678901"}) {
    EXPECT_EQ(sink.texts[0].find(secret), std::string::npos) << secret;
    EXPECT_EQ(sink.texts[0].find(to_hex(as_bytes(secret))), std::string::npos) << secret;
  }
  EXPECT_EQ(sink.envelopes[0].event_class, EventClass::alert);
}

TEST(HealthWriter, CodesAndParametersNotSentences) {
  CollectedEvents sink;
  EventOut out({}, sink);
  write_health(out, Timestamp::from_seconds(5), "rule_not_loaded",
               {{"line", std::uint64_t{7}}, {"file", std::string_view("a.rules")}});
  collector::SensorCounters counters;
  counters.packets = 9;
  const LossCounts losses{.received = 10, .dropped = 3, .if_dropped = 2};
  write_stats(out, Timestamp::from_seconds(6), counters, 1, &losses);
  EXPECT_EQ(sink.events.at(0)["health"],
            (Json{{"code", "rule_not_loaded"}, {"params", {{"line", 7}, {"file", "a.rules"}}}}));
  EXPECT_EQ(sink.events.at(1)["stats"]["decoder"]["pkts"], 9);
  EXPECT_EQ(sink.envelopes[0].event_class, EventClass::health);
}

}  // namespace
}  // namespace chieng::agent
