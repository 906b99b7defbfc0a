// One test on one field, shared by all rules that ask it. Immutable once its rule set is built.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/error/result.h"
#include "core/net/address.h"
#include "rules/engine/regex.h"
#include "rules/sigma/text_pattern.h"

namespace chieng::sigma {

enum class Comparison : std::uint8_t { equal, less, less_equal, greater, greater_equal };
enum class TimePart : std::uint8_t { minute, hour, day, week, month, year };
enum class Placement : std::uint8_t { whole, anywhere, start, end };

// A regular expression of a rule: by characters where the value is UTF-8, by bytes where it is not.
class RulePattern {
 public:
  [[nodiscard]] static Result<RulePattern> compile(std::string_view pattern,
                                                   matching::RegexFlags flags);
  [[nodiscard]] matching::RegexOutcome find(std::string_view value,
                                            matching::RegexScratch& scratch) const;

 private:
  RulePattern(matching::Regex bytes, matching::Regex characters)
      : bytes_(std::move(bytes)), characters_(std::move(characters)) {}
  matching::Regex bytes_, characters_;
};

struct Predicate {
  enum class Test : std::uint8_t {
    text,        // pattern on the folded value
    cased_text,  // pattern on the value
    guid,        // text: a GUID without braces, folded; the value may wear them
    regex,
    network,      // the value is an address in range
    integer,      // the value is this integer, or text that prints the same
    compare,      // the value is a number and comparison holds
    time,         // a part of the value's time stamp, compared
    other_field,  // the value against another field of the event, by placement
    null,         // absent or null
    exists,       // the field is there, whatever it holds; wanted false: it is not
    token,        // keywords only: text between characters that are none of a word
  };
  Test test = Test::text;
  std::uint32_t field = 0;  // 0: the whole event (keywords)
  TextPattern pattern;
  std::optional<RulePattern> regex;
  AddressRange range;
  std::string text;
  std::int64_t integer = 0;
  double number = 0;
  Comparison comparison = Comparison::equal;
  TimePart part = TimePart::minute;
  std::uint32_t other_field = 0;
  Placement placement = Placement::whole;
  bool cased = false;  // other_field
  bool wanted = true;  // exists
  std::string label;   // as the rule has it, for explanations
};

// Decimal text with sign and fraction; no exponent, no hex.
[[nodiscard]] std::optional<double> decimal(std::string_view text);
[[nodiscard]] bool compare(double left, Comparison comparison, double right);
// A part of "YYYY-MM-DD[T ]hh:mm…", as written, without zone conversion.
[[nodiscard]] std::optional<int> time_part(std::string_view text, TimePart part);
// The 36 characters of a GUID, braces taken off; empty: none.
[[nodiscard]] std::string_view bare_guid(std::string_view text);
// IPv4-mapped IPv6 becomes IPv4.
[[nodiscard]] std::optional<IpAddress> event_address(std::string_view text);

}  // namespace chieng::sigma
