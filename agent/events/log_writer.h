// Events of the host side: a "log" event for a line or record, an alert for a Sigma rule that it
// met. Names are ECS's.
#pragma once

#include <span>
#include <vector>

#include "agent/events/event_out.h"
#include "agent/events/explain.h"
#include "collector/log/formats.h"
#include "core/record/record.h"
#include "rules/sigma/rule_set.h"

namespace chieng::agent {

struct LogFacts {
  const Record& record;                        // file, line, time, raw
  const collector::LogEvent* event = nullptr;  // of a text line; null for structured records
  Timestamp observed;                          // stands in where the line has no time
  bool cut = false;
  std::string_view malformed;
};

// One a worker. out has to outlive it.
class LogWriter {
 public:
  explicit LogWriter(EventOut& out) : out_(out), explain_(out.options().privacy) {}
  void write_log(const LogFacts& facts);
  void write_alert(const LogFacts& facts, const RuleInfo& rule,
                   std::span<const sigma::MatchedValue> explanation);

 private:
  void write_facts(JsonWriter& json, std::string_view type, const LogFacts& facts) const;

  EventOut& out_;
  ExplainWriter explain_;
  std::vector<MatchedOption> options_;
};

}  // namespace chieng::agent
