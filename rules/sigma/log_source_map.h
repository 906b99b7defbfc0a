// Which events a rule's logsource means: the table of Windows channels and event ids, and the test
// of one against the other.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/record/record.h"

namespace chieng::sigma {

// A rule's logsource, lower case; empty parts ask for nothing.
struct RuleSource {
  std::string product, category, service;
};

// What an event is, as far as log sources go; views into the table and the record.
struct EventSource {
  std::string_view product;
  std::vector<std::string_view> categories, services;
};

// Only what decides the source; equal keys have equal sources.
void source_key(std::string& out, const Record& record);
[[nodiscard]] EventSource source_of(const Record& record);
[[nodiscard]] bool applies(const RuleSource& rule, const EventSource& event);

}  // namespace chieng::sigma
