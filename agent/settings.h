// The agent's settings: one table of every key, with its kind, default and one sentence.
// docs/agent-settings.md is made from it (`chieng-agent settings`).
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "collector/settings.h"
#include "core/config/settings.h"
#include "core/event/privacy.h"

namespace chieng::agent {

[[nodiscard]] std::span<const SettingSpec> setting_specs();

// The reference as Markdown: docs/agent-settings.md, byte for byte.
[[nodiscard]] std::string settings_markdown();

[[nodiscard]] Result<collector::SensorSettings> sensor_settings(const Settings& settings);

// masked: what the caller demands (run always masks); otherwise privacy.mask decides.
[[nodiscard]] Result<PrivacyPolicy> privacy_policy(const Settings& settings, bool masked);

// Address and port variables of rules: vars over the defaults, then the extra NAME=VALUE pairs in
// order.
using Variables = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] Result<Variables> rule_variables(const Settings& settings,
                                               std::span<const std::string> extra = {});

struct LogFileSetting {
  std::string path;    // a glob
  std::string format;  // empty: told by content
};
[[nodiscard]] Result<std::vector<LogFileSetting>> log_files(const Settings& settings);

}  // namespace chieng::agent
