// The members of "alert" that come from the rule, the same for every engine.
#pragma once

#include "core/event/json_writer.h"
#include "core/inspect/inspector.h"

namespace chieng::agent {

// A member name that is not ours: escaped.
void append_key(JsonWriter& json, std::string_view key);

// Writes into an open object.
void write_rule(JsonWriter& json, const RuleInfo& rule, bool references);

}  // namespace chieng::agent
