#include <fmt/format.h>

#include "agent/commands/commands.h"
#include "agent/pipeline/catalogue.h"
#include "core/event/json_writer.h"

namespace chieng::agent {
namespace {

void write_fault(JsonWriter& json, const suricata::RuleFault& f) {
  json.begin_object().field("file", f.file).field("line", f.line);
  if (f.column > 0) json.field("column", f.column);
  json.field("sid", f.sid).field("option", f.option).field("reason", f.reason);
  if (!f.hint.empty()) json.field("hint", f.hint);
  json.end_object();
}

void write_fault(JsonWriter& json, const sigma::RuleFault& f) {
  json.begin_object().field("file", f.file).field("line", f.line).field("id", f.id);
  json.field("option", f.option).field("reason", f.reason).end_object();
}

void print_json(const LoadedRules& rules) {
  std::string text;
  JsonWriter json(text);
  json.begin_object()
      .field("rules", rules.rules())
      .field("loaded", rules.loaded())
      .key("failed")
      .begin_array();
  for (const auto& fault : rules.network_report.faults) write_fault(json, fault);
  for (const auto& fault : rules.host_report.faults) write_fault(json, fault);
  json.end_array();
  if (rules.network_report.skipped > 0) json.field("skipped", rules.network_report.skipped);
  json.end_object();
  fmt::print("{}\n", text);
}

void print_text(const LoadedRules& rules) {
  for (const auto& fault : rules.network_report.faults) fmt::print("{}\n", describe(fault));
  for (const auto& fault : rules.host_report.faults) fmt::print("{}\n", describe(fault));
  fmt::print("{} rules, {} loaded, {} failed", rules.rules(), rules.loaded(), rules.failed());
  if (rules.network_report.skipped > 0)
    fmt::print(", {} left out (unmet requirement or an older revision)",
               rules.network_report.skipped);
  fmt::print("\n");
}

ExitCode give_up(const Error& error, ExitCode code) {
  fmt::print(stderr, "chieng-agent: {}\n", error.message());
  return code;
}

}  // namespace

ExitCode rules_check(const RulesCheckOptions& options, const Settings& settings) {
  const auto files = find_rule_files(options.paths);
  if (!files) return give_up(files.error(), ExitCode::usage);
  auto variables = rule_variables(settings, options.variables);
  if (!variables) return give_up(variables.error(), ExitCode::usage);
  const auto rules = load_all_rules(
      *files, catalogue(), {std::move(*variables), options.include_disabled, rule_cache(settings)});
  if (!rules) return give_up(rules.error(), ExitCode::failed);
  if (options.json)
    print_json(*rules);
  else
    print_text(*rules);
  return rules->failed() == 0 ? ExitCode::fine : ExitCode::failed;
}

}  // namespace chieng::agent
