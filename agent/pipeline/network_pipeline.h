// One worker's network side, joined: sensor, detector, event writer.
#pragma once

#include <memory>
#include <optional>

#include "agent/events/eve_writer.h"
#include "agent/events/event_out.h"
#include "agent/pipeline/evidence_keeper.h"
#include "collector/capture/frame.h"
#include "collector/sensor.h"
#include "rules/suricata/detector.h"

namespace chieng::agent {

// Lives on one thread. out has to outlive it.
class NetworkPipeline {
 public:
  // rules may be null: events without alerts.
  // state: what rules remember across flows, of all workers; null where there is one only.
  NetworkPipeline(const collector::SensorSettings& settings,
                  std::shared_ptr<const suricata::RuleSet> rules, EventOut& out,
                  std::shared_ptr<suricata::SharedState> state = nullptr);
  // Before the first rules: alerts' packets go to the store, from a ring of that many bytes.
  void keep_evidence(std::shared_ptr<EvidenceStore> store, std::size_t memory);

  void packet(const collector::Frame& frame);
  void advance(Timestamp now) { sensor_.advance(now); }
  void finish();
  // Between two packets.
  void swap_rules(std::shared_ptr<const suricata::RuleSet> rules);

  [[nodiscard]] const collector::SensorCounters& counters() const { return sensor_.counters(); }
  [[nodiscard]] Timestamp last_time() const { return last_time_; }  // of the last packet

 private:
  EventOut& out_;
  EveWriter writer_;
  std::optional<EvidenceKeeper> evidence_;
  std::shared_ptr<suricata::SharedState> state_;
  std::optional<suricata::Detector> detector_;
  collector::Sensor sensor_;
  Timestamp last_time_;
};

}  // namespace chieng::agent
