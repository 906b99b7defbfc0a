// The chain of modifiers behind a field's name, and what text modifiers make of a value.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error/result.h"
#include "rules/sigma/predicate.h"

namespace chieng::sigma {

enum class Encoding : std::uint8_t { none, utf16le, utf16be, utf16 };
enum class Base64 : std::uint8_t { none, whole, any_offset };

struct Modifiers {
  Placement placement = Placement::whole;
  bool all = false, cased = false, windash = false, expand = false, negate = false;
  bool regex = false, network = false, exists = false, other_field = false;
  matching::RegexFlags regex_flags;
  Encoding encoding = Encoding::none;
  Base64 base64 = Base64::none;
  std::optional<Comparison> comparison;
  std::optional<TimePart> part;

  // Text patterns are made of the values: none of the kinds that test in another way.
  [[nodiscard]] bool textual() const {
    return !regex && !network && !exists && !other_field && !comparison && !part;
  }
};

// names: what stands between the bars. Refuses unknown ones and chains without a meaning.
[[nodiscard]] Result<Modifiers> parse_modifiers(const std::vector<std::string_view>& names,
                                                bool keyword);

struct ValuePattern {
  TextPattern pattern;
  bool cased = false;
};
// One value as the patterns that stand for it; any of them may match.
[[nodiscard]] Result<std::vector<ValuePattern>> text_patterns(std::string_view value,
                                                              const Modifiers& modifiers,
                                                              bool keyword);
// %name% replaced by each of its values; the text itself where it has no placeholder.
[[nodiscard]] Result<std::vector<std::string>> expand_placeholders(
    std::string_view value, const std::map<std::string, std::vector<std::string>>& lists);

}  // namespace chieng::sigma
