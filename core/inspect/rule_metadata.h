// What a rule engine remembers of a flow and events show.
#pragma once

#include "core/inspect/transaction.h"

namespace chieng {

// Kept in FlowView::rule_state by an engine that has something for EVE's "metadata".
struct RuleMetadata : RuleState {
  [[nodiscard]] virtual bool has_metadata() const = 0;
  // Adds members; values: also what was taken out of traffic.
  virtual void write_metadata(JsonWriter& out, bool values) const = 0;
};

}  // namespace chieng
