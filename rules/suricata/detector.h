// Evaluates a rule set over what the collector hands on. One a worker, used by that worker alone.
#pragma once

#include <memory>

#include "core/inspect/inspector.h"
#include "rules/suricata/rule_set.h"

namespace chieng::suricata {

class SharedState;
// Thresholds, hostbits and xbits, which several workers share (rules/suricata/shared_state.h).
[[nodiscard]] std::shared_ptr<SharedState> make_shared_state();

// Keeps thresholds, hostbits and xbits in the shared state; flowbits live with the flow. Bounded:
// see the limits in its parts.
class Detector final : public Inspector {
 public:
  // state: null where no other worker shares it.
  Detector(std::shared_ptr<const RuleSet> rules, AlertSink& sink,
           std::shared_ptr<SharedState> state = nullptr);
  ~Detector() override;
  Detector(const Detector&) = delete;
  Detector& operator=(const Detector&) = delete;

  void inspect(const Inspection& inspection) override;
  [[nodiscard]] bool wants_frames(AppProto proto) const override;
  void flow_ended(FlowView& flow) override;

  // Another set from the next packet on; only between two calls of inspect, by the worker itself.
  // Flowbits, hostbits, xbits and thresholds live on; what transactions in progress have matched so
  // far is forgotten.
  void swap(std::shared_ptr<const RuleSet> rules);
  [[nodiscard]] const RuleSet& rules() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace chieng::suricata
