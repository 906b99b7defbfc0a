#include "agent/events/log_writer.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>

#include "agent/events/alert_member.h"
#include "agent/events/json_mask.h"

namespace chieng::agent {
namespace {

Timestamp time_of(const LogFacts& f) {
  if (f.event != nullptr && f.event->event_time) return *f.event->event_time;
  return f.record.time.is_set() ? f.record.time : f.observed;
}

std::string_view first_of(const Record& record, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names)
    if (const std::string_view text = record.text(name); !text.empty() && text != "-") return text;
  return {};
}

void write_object(JsonWriter& json, std::string_view key,
                  std::initializer_list<std::pair<std::string_view, std::string_view>> members) {
  const auto given = [](const auto& member) { return !member.second.empty(); };
  if (std::ranges::none_of(members, given)) return;
  json.key(key).begin_object();
  for (const auto& member : members)
    if (given(member)) json.field(member.first, member.second);
  json.end_object();
}

void write_line(JsonWriter& json, const collector::LogEvent& e) {
  if (e.src_ip) json.field("src_ip", *e.src_ip);
  if (!e.src_host.empty()) json.field("src_host", e.src_host);
  if (e.src_port) json.field("src_port", *e.src_port);
  json.key("event").begin_object().field("outcome", collector::to_string(e.outcome));
  if (!e.category.empty()) json.field("category", e.category);
  if (!e.action.empty()) json.field("action", e.action);
  if (!e.reason.empty()) json.field("reason", e.reason);
  if (e.time_inferred) json.field("time_inferred", true);
  json.end_object();
  write_object(json, "user", {{"name", e.user}});
  write_object(json, "host", {{"name", e.host}});
  write_object(json, "service", {{"type", e.service}});
  if (!e.process.empty() || e.pid) {
    json.key("process").begin_object();
    if (!e.process.empty()) json.field("name", e.process);
    if (e.pid) json.field("pid", *e.pid);
    json.end_object();
  }
  json.field("message", e.message);
}

// Windows records: the few fields that people and groups need; the whole stays where it is.
void write_record(JsonWriter& json, const Record& r) {
  write_object(json, "user",
               {{"name", first_of(r, {"User", "TargetUserName", "SubjectUserName", "user.name"})}});
  write_object(json, "host", {{"name", first_of(r, {"Computer", "host.name", "Hostname"})}});
  write_object(json, "process",
               {{"executable", first_of(r, {"Image", "NewProcessName", "ProcessName"})},
                {"command_line", first_of(r, {"CommandLine", "ProcessCommandLine"})}});
  write_object(json, "winlog",
               {{"channel", r.text("Channel")},
                {"event_id", r.text("EventID")},
                {"provider_name", r.text("Provider_Name")}});
}

FieldClass field_class(std::string_view field) {
  switch (mask_class({}, field)) {
    case MaskClass::credential:
      return FieldClass::credential;
    case MaskClass::personal:
      return FieldClass::personal;
    case MaskClass::plain:
    case MaskClass::text:
    case MaskClass::content:
      break;
  }
  const auto ends = [&](std::string_view word) {
    return field.size() >= word.size() &&
           equal_ignoring_case(field.substr(field.size() - word.size()), word);
  };
  if (ends("password") || ends("passwd") || ends("secret")) return FieldClass::credential;
  return ends("user") || ends("username") ? FieldClass::personal : FieldClass::content;
}

// Where in the value the rule's text stands: the part of the pattern between its quotes, without
// the wildcards at its ends. The whole value where that cannot be found (regular expressions,
// encodings).
std::pair<std::size_t, std::size_t> place_of(std::string_view pattern, std::string_view value) {
  const auto open = pattern.find('\'');
  const auto close = pattern.rfind('\'');
  if (open == std::string_view::npos || close <= open + 1) return {0, value.size()};
  std::string_view text = pattern.substr(open + 1, close - open - 1);
  while (text.starts_with('*')) text.remove_prefix(1);
  while (text.ends_with('*')) text.remove_suffix(1);
  const auto same = [](unsigned char a, unsigned char b) {
    return std::tolower(a) == std::tolower(b);
  };
  const auto found = std::ranges::search(value, text, same);
  if (text.empty() || found.empty()) return {0, value.size()};
  return {static_cast<std::size_t>(found.begin() - value.begin()), text.size()};
}

}  // namespace

void LogWriter::write_facts(JsonWriter& json, std::string_view type, const LogFacts& f) const {
  json.field("timestamp", time_of(f)).field("event_type", type);
  json.key("log").begin_object().field("file", f.record.file).field("line", f.record.line);
  if (f.cut) json.field("cut", true);
  if (!f.malformed.empty()) json.field("malformed", f.malformed);
  json.end_object();
  if (f.event != nullptr)
    write_line(json, *f.event);
  else
    write_record(json, f.record);
}

void LogWriter::write_log(const LogFacts& facts) {
  if (!out_.options().wants("log")) return;
  JsonWriter json = out_.begin();
  write_facts(json, "log", facts);
  out_.end(json, EventClass::metadata, time_of(facts));
}

void LogWriter::write_alert(const LogFacts& facts, const RuleInfo& rule,
                            std::span<const sigma::MatchedValue> explanation) {
  if (!out_.options().wants("alert")) return;
  options_.clear();
  for (const sigma::MatchedValue& m : explanation) {
    MatchedOption& o = options_.emplace_back();
    o.option = m.pattern;
    o.buffer = m.field.empty() ? std::string_view("message") : m.field;
    const auto [offset, length] = place_of(m.pattern, m.value);
    o.offset = static_cast<std::int64_t>(offset);
    o.length = static_cast<std::uint32_t>(std::min<std::size_t>(length, UINT32_MAX));
    o.data = as_bytes(m.value);
    o.privacy = field_class(m.field);
    o.note.assign(m.search);
  }
  JsonWriter json = out_.begin();
  write_facts(json, "alert", facts);
  json.key("alert").begin_object();
  write_rule(json, rule, true);
  if (out_.options().explain) explain_.write(json, options_);
  json.end_object();
  out_.end(json, EventClass::alert, time_of(facts));
}

}  // namespace chieng::agent
