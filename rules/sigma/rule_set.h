// Sigma rules: files in, an immutable RuleSet out; a Matcher a thread runs it over normalised
// records.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error/result.h"
#include "core/inspect/inspector.h"
#include "core/record/record.h"

namespace chieng::sigma {

struct RuleFault {
  std::string file;
  int line = 0;
  std::string id;      // Sigma's id, or empty where the rule has none that can be read
  std::string option;  // the key, field or identifier that is at fault
  std::string reason;
};

struct LoadReport {
  std::size_t rules = 0, loaded = 0;
  std::vector<RuleFault> faults;
};

enum class RuleStatus : std::uint8_t { unsupported, deprecated, experimental, test, stable };

struct LoadOptions {
  std::string source;  // the layer these files are of; shown with each alert
  RuleStatus least_status =
      RuleStatus::experimental;  // below it a rule is left out, counted in neither number
  std::map<std::string, std::vector<std::string>>
      placeholders;  // values of %name% under the modifier expand
};

class RuleSet;  // rules/sigma/compiled.h; shared between threads, never changed

// Files that end in .yml or .yaml. A rule that cannot be loaded is a fault and the rest load; an
// error is returned only where nothing could be tried at all. A file's documents are counted one by
// one.
[[nodiscard]] Result<std::shared_ptr<const RuleSet>> load_rules(
    std::span<const std::filesystem::path> files, LoadReport& report,
    const LoadOptions& options = {});
// One file's text; name is what faults call it.
struct RuleText {
  std::string name, text;
};
[[nodiscard]] Result<std::shared_ptr<const RuleSet>> load_rule_texts(
    std::span<const RuleText> texts, LoadReport& report, const LoadOptions& options = {});
[[nodiscard]] std::size_t rule_count(const RuleSet& rules);

// One test that held: which search of the rule, on which field, what was asked and what the field
// held.
struct MatchedValue {
  std::string_view search;   // name in the rule's detection
  std::string_view field;    // empty: a keyword
  std::string_view pattern;  // as the rule has it: CommandLine|contains: ' -enc '
  std::string_view value;    // the event's
};

// Called for each rule that matched; all views are valid for the call only, RuleInfo as long as the
// RuleSet.
using OnMatch =
    std::function<void(const RuleInfo& rule, std::span<const MatchedValue> explanation)>;

// Runs a rule set over records. One thread; keeps working memory in proportion to the rule set and
// nothing of an event.
class Matcher {
 public:
  explicit Matcher(std::shared_ptr<const RuleSet> rules);
  ~Matcher();
  Matcher(Matcher&&) noexcept;
  Matcher& operator=(Matcher&&) noexcept;
  void match(const Record& record, const OnMatch& on_match);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace chieng::sigma
