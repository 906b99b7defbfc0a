// Signs of life: what an agent says of itself every 15 s, gathered in memory, written in one
// transaction.
#include <spdlog/spdlog.h>

#include "server/ingest/ingest.h"

namespace chieng::server {

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
