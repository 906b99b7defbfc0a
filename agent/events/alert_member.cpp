#include "agent/events/alert_member.h"

namespace chieng::agent {
namespace {

void write_texts(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  json.key(key).begin_array();
  for (const std::string& text : texts) json.value(text);
  json.end_array();
}

// Keys repeat in a rule; in the event each stands once with the list of its values.
void write_metadata(JsonWriter& json, const RuleInfo& rule) {
  if (rule.metadata.empty()) return;
  json.key("metadata").begin_object();
  for (std::size_t i = 0; i < rule.metadata.size(); ++i) {
    const std::string& key = rule.metadata[i].first;
    bool before = false;
    for (std::size_t k = 0; k < i && !before; ++k) before = rule.metadata[k].first == key;
    if (before) continue;
    // The key is the rule author's text, so it is escaped like a value.
    append_key(json, key);
    json.begin_array();
    for (std::size_t k = i; k < rule.metadata.size(); ++k)
      if (rule.metadata[k].first == key) json.value(rule.metadata[k].second);
    json.end_array();
  }
  json.end_object();
}

}  // namespace

void append_key(JsonWriter& json, std::string_view key) {
  std::string quoted;
  append_json_string(quoted, key);
  json.key(std::string_view(quoted).substr(1, quoted.size() - 2));
}

void write_rule(JsonWriter& json, const RuleInfo& rule, bool references) {
  json.field("engine", to_string(rule.engine));
  json.field("action", rule.action == RuleAction::reject ? "blocked" : "allowed");
  if (rule.engine == RuleEngine::suricata)
    json.field("gid", rule.gid).field("signature_id", rule.sid).field("rev", rule.rev);
  if (!rule.rule_id.empty()) json.field("rule_id", rule.rule_id);
  json.field("signature", rule.message)
      .field("category", rule.category)
      .field("severity", rule.priority);
  if (!rule.source.empty()) json.field("rule_source", rule.source);
  if (!rule.text_hash.empty()) json.field("rule_hash", rule.text_hash);
  if (!rule.author.empty()) json.field("author", rule.author);
  if (!rule.license.empty()) json.field("license", rule.license);
  if (references) write_texts(json, "references", rule.references);
  write_texts(json, "tags", rule.tags);
  write_metadata(json, rule);
}

}  // namespace chieng::agent
