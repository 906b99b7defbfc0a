// Rules as people give them (files, folders) to what the engines take, with every rule that did not
// load.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "agent/settings.h"
#include "rules/sigma/rule_set.h"
#include "rules/suricata/rule_set.h"

namespace chieng::agent {

struct RuleFiles {
  std::vector<std::filesystem::path> suricata;  // .rules
  std::vector<std::filesystem::path> sigma;     // .yml, .yaml
};
// Folders recursively, in the order of their names; other files are passed over. An error where a
// path is not there.
[[nodiscard]] Result<RuleFiles> find_rule_files(std::span<const std::string> paths);

struct LoadedRules {
  std::shared_ptr<const suricata::RuleSet> network;  // null: none were given
  std::shared_ptr<const sigma::RuleSet> host;
  suricata::LoadReport network_report;
  sigma::LoadReport host_report;
  std::string hash;  // of all texts that loaded; empty without rules

  [[nodiscard]] std::size_t rules() const { return network_report.rules + host_report.rules; }
  [[nodiscard]] std::size_t loaded() const { return network_report.loaded + host_report.loaded; }
  [[nodiscard]] std::size_t failed() const {
    return network_report.faults.size() + host_report.faults.size();
  }
};

struct RuleLoading {
  Variables variables;
  bool include_disabled = false;
  std::filesystem::path cache;  // of compiled rules; empty: none
};
// The folder of a command that a person runs; empty where the environment names none.
[[nodiscard]] std::filesystem::path rule_cache(const Settings& settings);
[[nodiscard]] Result<LoadedRules> load_all_rules(const RuleFiles& files, const Catalogue& catalogue,
                                                 const RuleLoading& options);

// One fault in a line of text: "file:line:column: sid 1: option: reason".
[[nodiscard]] std::string describe(const suricata::RuleFault& fault);
[[nodiscard]] std::string describe(const sigma::RuleFault& fault);

}  // namespace chieng::agent
