#include "server/api/render.h"

#include "server/api/json_body.h"

namespace chieng::server {
namespace {

void time(JsonWriter& json, std::string_view key, Timestamp t) {
  json.key(key);
  if (t.is_set())
    json.value(api_time(t));
  else
    json.null();
}

void text_if(JsonWriter& json, std::string_view key, std::string_view text) {
  if (!text.empty()) json.field(key, text);
}

template <class T>
void number_or_null(JsonWriter& json, std::string_view key, const std::optional<T>& number) {
  json.key(key);
  if (number)
    json.value(*number);
  else
    json.null();
}

void render_rule(JsonWriter& json, const RuleFacts& rule) {
  json.begin_object().field("engine", rule.engine).field("source", rule.source);
  json.field("gid", rule.gid)
      .field("sid", rule.sid)
      .field("rule_id", rule.rule_id)
      .field("rev", rule.rev);
  json.field("message", rule.message)
      .field("category", rule.category)
      .field("severity", rule.severity)
      .end_object();
}

void render_actor(JsonWriter& json, const Actor& actor) {
  json.begin_object().field("id", actor.id).field("name", actor.name).end_object();
}

std::string_view quality(ClockQuality q) {
  switch (q) {
    case ClockQuality::unknown:
      return "unknown";
    case ClockQuality::good:
      return "good";
    case ClockQuality::suspect:
      return "suspect";
  }
  return "unknown";
}

}  // namespace

std::string api_time(Timestamp t) {
  std::string text = to_iso(t);  // …+0000
  text.resize(text.size() - 5);
  return text += 'Z';
}

void render(JsonWriter& json, const AgencyRef& agency) {
  json.begin_object().field("id", to_string(agency.id)).field("name", agency.name).end_object();
}

void render(JsonWriter& json, const Group& group) {
  json.begin_object()
      .field("id", group.id)
      .field("version", group.version)
      .field("status", to_string(group.status));
  json.key("agency");
  render(json, group.agency);
  json.key("rule");
  render_rule(json, group.rule);
  json.key("src").begin_object().field("ip", group.src.ip).field("zone", group.src.zone);
  json.field("agencies", group.src_agencies).end_object();
  json.key("dst")
      .begin_object()
      .field("ip", group.dst.ip)
      .field("zone", group.dst.zone)
      .end_object();
  text_if(json, "host", group.host);
  text_if(json, "user", group.user);
  json.field("severity", group.severity).field("count", group.count).field("rows", group.rows);
  time(json, "first", group.first);
  time(json, "last", group.last);
  json.key("sparkline").begin_array();
  for (const auto hour : group.sparkline) json.value(hour);
  json.end_array().key("agents").begin_array();
  for (const auto& agent : group.agents) json.value(to_string(agent));
  json.end_array().field("escalated", group.escalated);
  text_if(json, "disposition", group.disposition);
  text_if(json, "reason", group.reason);
  if (group.last_action) json.field("last_action", *group.last_action);
  if (!group.reopened_why.empty()) {
    json.key("reopened").begin_object().field("why", group.reopened_why);
    time(json, "at", group.reopened_at);
    json.end_object();
  }
  json.end_object();
}

void render(JsonWriter& json, const StoredEvent& event) {
  const auto& envelope = event.envelope;
  json.begin_object()
      .field("id", to_string(event.id))
      .field("class", to_string(envelope.event_class));
  time(json, "time", envelope.event_time);
  time(json, "observed", envelope.observed_time);
  time(json, "received", event.received);
  json.key("clock").begin_object().field("offset_ms", event.clock_offset_ms);
  json.field("quality", quality(event.clock_quality)).end_object();
  json.field("count", envelope.count);
  time(json, "first", envelope.first);
  time(json, "last", envelope.last);
  json.key("agent")
      .begin_object()
      .field("id", to_string(event.agent))
      .field("name", event.agent_name)
      .end_object();
  json.key("agency");
  render(json, event.agency);
  json.field("rule_set", envelope.rule_set).key("event");
  // An agent's bytes are stored as they came: one that writes no JSON must not break the answer
  // around it.
  if (is_json(event.json))
    json.raw(event.json);
  else
    json.null().field("event_text", event.json);
  json.end_object();
}

void render(JsonWriter& json, const GroupAction& action) {
  json.begin_object().field("id", action.id);
  time(json, "at", action.at);
  json.key("user");
  render_actor(json, action.user);
  json.field("action", to_string(action.kind));
  text_if(json, "disposition", action.disposition);
  text_if(json, "reason", action.reason);
  text_if(json, "note", action.note);
  text_if(json, "undoes", action.undoes);
  text_if(json, "undone_by", action.undone_by);
  json.end_object();
}

void render(JsonWriter& json, const Incident& incident) {
  json.begin_object().field("id", incident.id).field("kind", incident.kind);
  json.field("status", incident.open ? "open" : "closed").key("entity").begin_object();
  json.field("type", incident.entity_type)
      .field("value", incident.entity_value)
      .field("zone", incident.entity_zone);
  json.end_object().key("agencies").begin_array();
  for (const auto& agency : incident.agencies) render(json, agency);
  json.end_array().key("groups").begin_array();
  for (const auto& group : incident.groups) json.value(group);
  json.end_array().field("count", incident.count);
  time(json, "first", incident.first);
  time(json, "last", incident.last);
  json.field("severity", incident.severity).key("params").begin_object();
  json.field("agencies_total", incident.agencies_total).end_object().end_object();
}

void render(JsonWriter& json, const Agent& agent) {
  const auto& facts = agent.facts;
  json.begin_object().field("id", to_string(agent.id)).field("name", agent.name).key("agency");
  render(json, agent.agency);
  json.field("status", to_string(agent.status));
  time(json, "last_seen", agent.last_seen);
  time(json, "enrolled", agent.enrolled);
  json.field("version", facts.version);
  number_or_null(json, "clock_offset_ms", facts.clock_offset_ms);
  json.key("rules").begin_object();
  number_or_null(json, "loaded", facts.rules_loaded);
  number_or_null(json, "failed", facts.rules_failed);
  json.field("hash", facts.rules_hash).end_object().key("spool").begin_object();
  number_or_null(json, "bytes", facts.spool_bytes);
  time(json, "oldest", facts.spool_oldest.value_or(Timestamp{}));
  json.end_object().key("counters").begin_object();
  number_or_null(json, "packets", facts.packets);
  number_or_null(json, "dropped", facts.dropped);
  number_or_null(json, "alerts", facts.alerts);
  number_or_null(json, "events", facts.events);
  json.end_object().field("address", facts.address).end_object();
}

void render(JsonWriter& json, const Agency& agency) {
  json.begin_object().field("id", to_string(agency.id)).key("parent");
  if (agency.parent)
    json.value(to_string(*agency.parent));
  else
    json.null();
  json.field("name", agency.name)
      .field("code", agency.code)
      .field("level", agency.level)
      .end_object();
}

void render(JsonWriter& json, const AuditEntry& entry) {
  json.begin_object().field("sequence", entry.sequence);
  time(json, "at", entry.at);
  json.key("user");
  render_actor(json, entry.actor);
  json.field("action", entry.action).field("target", entry.target).key("detail");
  if (is_json(entry.detail))
    json.raw(entry.detail);
  else
    json.begin_object().end_object();
  json.field("address", entry.address).field("hash", entry.hash).end_object();
}

}  // namespace chieng::server
