// Suricata rules, compiled: what files of rules become, shared by all workers and never changed.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error/result.h"
#include "core/inspect/catalogue.h"
#include "core/inspect/inspector.h"

namespace chieng::suricata {

struct LoadOptions {
  std::vector<std::pair<std::string, std::string>>
      variables;                  // "HOME_NET" (with or without '$'), "[10.0.0.0/8]"
  bool include_disabled = false;  // also rules commented out with '#'
  std::string source;             // RuleInfo::source of every rule
  // Where compiled databases are kept; empty: nowhere. Small sets never use it.
  std::filesystem::path cache;
};

// A rule that did not load, and why. The others load.
struct RuleFault {
  std::string file;
  int line = 0, column = 0;  // from 1
  std::uint32_t sid = 0;     // 0 where the rule's text has none that can be read
  std::string option;        // the keyword, or the part of the header
  std::string reason;
  std::string hint;  // what to do about it, or empty
};

struct LoadReport {
  std::size_t rules = 0, loaded = 0;  // rules: rule lines seen
  std::size_t skipped =
      0;  // of rules: unmet `requires`, or an older revision of a rule that is loaded
  std::vector<RuleFault> faults;
  std::string cache_problem;  // why no databases were kept; empty: they were, or none were to be
};

struct CompiledSet;  // rules/suricata/compiled_set.h: for the detector alone

// Immutable; Detectors of all workers share one. Outlives every Alert made from it.
class RuleSet {
 public:
  explicit RuleSet(std::unique_ptr<const CompiledSet> compiled);
  ~RuleSet();
  RuleSet(const RuleSet&) = delete;
  RuleSet& operator=(const RuleSet&) = delete;

  [[nodiscard]] const std::string& hash()
      const;  // SHA-256 (hex) over the texts of the loaded rules and variables
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::vector<const RuleInfo*> rules() const;  // in order of evaluation
  // Whether a rule asks for MD5, SHA-1, SHA-256 of files.
  [[nodiscard]] std::array<bool, 3> file_hashes() const;
  [[nodiscard]] const CompiledSet& compiled() const { return *compiled_; }

 private:
  std::unique_ptr<const CompiledSet> compiled_;
};

// Fails only where a file cannot be read or the databases cannot be built; a rule that is wrong is
// a fault in the report. The catalogue has to outlive the set.
[[nodiscard]] Result<std::shared_ptr<const RuleSet>> load_rules(
    std::span<const std::filesystem::path> files, const Catalogue& catalogue,
    const LoadOptions& options, LoadReport& report);
// The same from text, as if it were a file called `name`.
[[nodiscard]] Result<std::shared_ptr<const RuleSet>> load_rules_text(std::string_view text,
                                                                     std::string_view name,
                                                                     const Catalogue& catalogue,
                                                                     const LoadOptions& options,
                                                                     LoadReport& report);

}  // namespace chieng::suricata
