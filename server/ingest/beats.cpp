// Signs of life: what an agent says of itself every 15 s, gathered in memory, written in one
// transaction.
#include <spdlog/spdlog.h>

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

void Ingest::on_beat(const AgentBeat& told) {
  Beat beat{told.agent, {told.received_us}, facts_of_beat(told.json)};
  if (told.clock_measured) {
    beat.facts.clock_offset_ms = told.clock_offset_us / 1000;
    const bool near = told.clock_offset_us > -2'000'000 && told.clock_offset_us < 2'000'000;
    beat.facts.clock_quality = near ? ClockQuality::good : ClockQuality::suspect;
  }
  const std::lock_guard lock(beats_mutex_);
  Beat& kept = beats_[told.agent];
  if (beat.facts.version.empty()) beat.facts.version = kept.facts.version;
  if (beat.facts.rules_hash.empty()) beat.facts.rules_hash = kept.facts.rules_hash;
  beat.facts.address = kept.facts.address;
  kept = std::move(beat);
}

void Ingest::on_up(const AgentUp& agent) {
  spdlog::info("agent {} is connected from {}", to_string(agent.agent), agent.address);
  Beat beat{agent.agent, now(), {}};
  beat.facts.version = agent.version.substr(0, 64);
  beat.facts.address = agent.address.substr(0, 128);
  beat.facts.rules_hash = agent.rule_set_hash.substr(0, 64);
  const std::lock_guard lock(beats_mutex_);
  beats_[agent.agent] = std::move(beat);
}

void Ingest::on_down(const Uuid& agent, AgentDownReason reason) {
  spdlog::info("agent {} is gone: {}", to_string(agent), to_string(reason));
}

void Ingest::on_clone(const Uuid& agent) {
  spdlog::warn("two machines use the key of agent {}: revoke it and enrol both anew",
               to_string(agent));
  AuditEntry entry;
  entry.actor = {"system", "system"};
  entry.action = "agent.clone";
  entry.target = to_string(agent);
  if (const auto written = store_.audit(entry); !written)
    spdlog::error("audit: {}", written.error().message());
}

Status Ingest::flush_beats() {
  std::vector<Beat> beats;
  {
    const std::lock_guard lock(beats_mutex_);
    for (auto& [agent, beat] : beats_) beats.push_back(std::move(beat));
    beats_.clear();
  }
  if (beats.empty()) return {};
  return store_.record_beats(beats);
}

}  // namespace chieng::server
