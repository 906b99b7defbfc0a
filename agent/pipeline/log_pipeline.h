// The host side, joined: a line or record, understood, run past the Sigma rules, written.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "agent/events/log_writer.h"
#include "collector/log/formats.h"
#include "collector/log/log_source.h"
#include "rules/sigma/rule_set.h"

namespace chieng::agent {

// Of one log source, on one thread; several may share formats, rules and out, which have to outlive
// it.
class LogPipeline {
 public:
  LogPipeline(std::shared_ptr<const collector::FormatSet> formats,
              const collector::LineContext& context, EventOut& out);

  // matcher may be null. log_event: also an event for the line itself.
  void line(std::string_view text, std::string_view file, std::uint64_t number, bool cut,
            sigma::Matcher* matcher, bool log_event);
  void entry(const collector::LogEntry& entry, std::string_view file, sigma::Matcher* matcher,
             bool log_event);
  void set_reference(Timestamp reference) { parser_.set_reference(reference); }
  void set_observed(Timestamp observed) { observed_ = observed; }

 private:
  void run(const LogFacts& facts, sigma::Matcher* matcher, bool log_event);

  collector::LineParser parser_;
  LogWriter writer_;
  Record record_;
  Timestamp observed_;
};

}  // namespace chieng::agent
