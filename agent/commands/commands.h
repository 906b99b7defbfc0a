// What each command does, apart from how the command line spells it.
#pragma once

#include <string>
#include <vector>

#include "agent/pipeline/scan.h"

namespace chieng::agent {

struct RulesCheckOptions {
  std::vector<std::string> paths, variables;
  bool json = false;
  bool include_disabled = false;
};
// Prints which rules do not load and why. 0: all load; 1: some do not; 2: a path is not there.
[[nodiscard]] ExitCode rules_check(const RulesCheckOptions& options, const Settings& settings);

struct SettingsOptions {
  bool markdown = false;
};
[[nodiscard]] ExitCode print_settings(const SettingsOptions& options);
[[nodiscard]] ExitCode print_version();

}  // namespace chieng::agent
