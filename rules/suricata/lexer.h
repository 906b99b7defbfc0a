// Cuts rule files into rules, and a rule into its header and options; knows nothing of what they
// mean.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error/result.h"

namespace chieng::suricata {

struct RuleLine {
  std::string text;  // continuation lines joined
  int line = 0;      // the first of them
  bool disabled = false;
};

// Every rule of a file's text; lines that are commented out only where `disabled` asks for them and
// they look like rules.
[[nodiscard]] std::vector<RuleLine> rule_lines(std::string_view text, bool disabled);

struct RawOption {
  std::string name;  // lower case
  std::string value;
  bool has_value = false;
  int column = 0;
  [[nodiscard]] std::string text() const { return has_value ? name + ":" + value : name; }
};

struct RawRule {
  std::string action, protocol, source, source_port, direction, destination, destination_port;
  std::vector<RawOption> options;
  [[nodiscard]] const RawOption* find(std::string_view name) const;
};

// The error's context, where set, is a hint.
[[nodiscard]] Result<RawRule> lex_rule(std::string_view text);
// The sid of a rule that may be wrong otherwise; 0 where none can be read.
[[nodiscard]] std::uint32_t guess_sid(std::string_view text);

}  // namespace chieng::suricata
