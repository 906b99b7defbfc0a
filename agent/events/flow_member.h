// The "flow" and "tcp" objects of EVE events.
#pragma once

#include "core/event/json_writer.h"
#include "core/inspect/flow.h"

namespace chieng::agent {

// pkts_toserver and the like, into an open object.
void write_flow_counts(JsonWriter& json, const FlowView& flow);
// Key and object, as a flow's own event has them.
void write_flow(JsonWriter& json, const FlowView& flow);
void write_tcp(JsonWriter& json, const FlowView& flow);  // nothing for other protocols

}  // namespace chieng::agent
