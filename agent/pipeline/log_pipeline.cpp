#include "agent/pipeline/log_pipeline.h"

namespace chieng::agent {

LogPipeline::LogPipeline(std::shared_ptr<const collector::FormatSet> formats,
                         const collector::LineContext& context, EventOut& out)
    : parser_(std::move(formats), context), writer_(out), observed_(context.reference) {}

void LogPipeline::line(std::string_view text, std::string_view file, std::uint64_t number, bool cut,
                       sigma::Matcher* matcher, bool log_event) {
  const collector::LogEvent& event = parser_.parse(text);
  record_.clear();
  collector::fill_record(event, text, record_);
  record_.file = file;
  record_.line = number;
  run({.record = record_, .event = &event, .observed = observed_, .cut = cut, .malformed = {}},
      matcher, log_event);
}

void LogPipeline::entry(const collector::LogEntry& entry, std::string_view file,
                        sigma::Matcher* matcher, bool log_event) {
  if (!entry.structured) {
    line(entry.text, file, entry.line, entry.cut, matcher, log_event);
    return;
  }
  run({.record = entry.record,
       .event = nullptr,
       .observed = observed_,
       .cut = entry.cut,
       .malformed = entry.malformed},
      matcher, log_event);
}

void LogPipeline::run(const LogFacts& facts, sigma::Matcher* matcher, bool log_event) {
  if (log_event) writer_.write_log(facts);
  if (matcher == nullptr) return;
  matcher->match(facts.record,
                 [&](const RuleInfo& rule, std::span<const sigma::MatchedValue> explanation) {
                   writer_.write_alert(facts, rule, explanation);
                 });
}

}  // namespace chieng::agent
