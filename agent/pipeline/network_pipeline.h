// One worker's network side, joined: sensor, detector, event writer.
#pragma once

#include <memory>
#include <optional>

#include "agent/events/eve_writer.h"
#include "agent/events/event_out.h"
#include "collector/capture/frame.h"
#include "collector/sensor.h"
#include "rules/suricata/detector.h"

namespace chieng::agent {

// Lives on one thread. out has to outlive it.
class NetworkPipeline {
 public:
  // rules may be null: events without alerts.
  NetworkPipeline(const collector::SensorSettings& settings,
                  std::shared_ptr<const suricata::RuleSet> rules, EventOut& out);

  void packet(const collector::Frame& frame);
  void advance(Timestamp now) { sensor_.advance(now); }
  void finish() { sensor_.finish(); }
  // Between two packets.
  void swap_rules(std::shared_ptr<const suricata::RuleSet> rules);

  [[nodiscard]] const collector::SensorCounters& counters() const { return sensor_.counters(); }
  [[nodiscard]] Timestamp last_time() const { return last_time_; }  // of the last packet

 private:
  EveWriter writer_;
  std::optional<suricata::Detector> detector_;
  collector::Sensor sensor_;
  Timestamp last_time_;
};

}  // namespace chieng::agent
