// Works offline on captures and logs: the same graph as `run`, with files in front and JSON lines
// behind, in the order of the inputs.
#pragma once

#include <string>
#include <vector>

#include "agent/pipeline/rule_loading.h"
#include "core/config/settings.h"

namespace chieng::agent {

struct ScanOptions {
  std::vector<std::string> inputs, rules, variables;
  bool log_events = false;
  std::string log_format;  // empty: told by content
  std::string out;         // empty: standard output
  std::string evidence;    // folder of the packets around alerts; empty: as set, or none
};

enum class ExitCode : int { fine = 0, failed = 1, usage = 2 };

// Complaints go to standard error.
[[nodiscard]] ExitCode scan(const ScanOptions& options, const Settings& settings);

}  // namespace chieng::agent
