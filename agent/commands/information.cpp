#include <fmt/format.h>

#include "agent/commands/commands.h"
#include "agent/version.h"

namespace chieng::agent {

ExitCode print_settings(const SettingsOptions& options) {
  if (options.markdown)
    fmt::print("{}", settings_markdown());
  else
    fmt::print("{}", Settings::reference(setting_specs()));
  return ExitCode::fine;
}

ExitCode print_version() {
  fmt::print("chieng-agent {}\n", version());
  return ExitCode::fine;
}

}  // namespace chieng::agent
