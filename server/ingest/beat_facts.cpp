// What a sign of life says of its agent. An agent may write anything there.
#include <nlohmann/json.hpp>

#include "server/ingest/ingest.h"

namespace chieng::server {
namespace {

using Json = nlohmann::json;

std::optional<std::uint64_t> number(const Json& json, const char* group, const char* name) {
  if (!json.contains(group) || !json[group].is_object() || !json[group].contains(name))
    return std::nullopt;
  const Json& value = json[group][name];
  if (!value.is_number_unsigned()) return std::nullopt;
  return std::min<std::uint64_t>(value.get<std::uint64_t>(), INT64_MAX);
}

std::string text(const Json& json, const char* name) {
  return json.contains(name) && json[name].is_string()
             ? json[name].get<std::string>().substr(0, 128)
             : std::string();
}

}  // namespace

AgentFacts facts_of_beat(std::string_view body) {
  AgentFacts out;
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return out;
  out.version = text(json, "version");
  out.rules_loaded = number(json, "rules", "loaded");
  out.rules_failed = number(json, "rules", "failed");
  if (json.contains("rules") && json["rules"].is_object())
    out.rules_hash = text(json["rules"], "hash");
  out.spool_bytes = number(json, "spool", "bytes");
  if (json.contains("spool") && json["spool"].is_object())
    if (const auto oldest = parse_iso(text(json["spool"], "oldest"))) out.spool_oldest = *oldest;
  out.packets = number(json, "counters", "packets");
  out.dropped = number(json, "counters", "dropped");
  out.alerts = number(json, "counters", "alerts");
  out.events = number(json, "counters", "events");
  return out;
}

}  // namespace chieng::server
