#include "rules/suricata/integer.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "rules/suricata/text.h"

namespace chieng::suricata {
namespace {

using Op = IntegerMatch::Op;

Result<std::uint64_t> value_of(std::string_view text, std::uint64_t limit,
                               std::span<const NamedValue> names) {
  text = trim(text);
  for (const NamedValue& n : names)
    if (same_word(n.name, text)) return n.value;
  std::uint64_t unit = 1;
  for (const auto& [word, factor] : {std::pair<std::string_view, unsigned>{"kb", 10},
                                     {"mb", 20},
                                     {"gb", 30},
                                     {"kib", 10},
                                     {"mib", 20},
                                     {"gib", 30}})
    if (text.size() > word.size() && same_word(text.substr(text.size() - word.size()), word)) {
      unit = std::uint64_t{1} << factor;
      text.remove_suffix(word.size());
      break;
    }
  const auto n = to_number(text);
  if (!n)
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not a number{}", text,
                                              names.empty() ? "" : " or a known name"));
  if (*n > limit / unit)
    return fail(ErrorCode::parse,
                fmt::format("{} is too large: at most {} is possible", text, limit));
  return *n * unit;
}

Result<IntegerMatch> parse_mask(std::string_view text, std::uint64_t limit) {
  IntegerMatch out{Op::mask, 0, 0};
  const auto equals = text.find('=');
  if (equals != std::string_view::npos) {
    const bool negated = equals > 0 && text[equals - 1] == '!';
    out.op = negated ? Op::mask_not_equal : Op::mask_equal;
    CHIENG_TRY(out.b, value_of(text.substr(equals + 1), limit, {}));
    text = text.substr(0, equals - (negated ? 1 : 0));
  }
  CHIENG_TRY(out.a, value_of(text, limit, {}));
  return out;
}

// "a<>b", "a-b" and both with '!'; nothing where the text is no range.
Result<bool> parse_range(std::string_view text, std::uint64_t limit, IntegerMatch& out) {
  const bool negated = text.starts_with('!');
  if (negated) text.remove_prefix(1);
  auto at = text.find("<>");
  std::size_t width = 2;
  if (at == std::string_view::npos) {
    at = text.find('-');
    width = 1;
  }
  if (at == std::string_view::npos || at == 0 || at + width >= text.size()) return false;
  if (!to_number(text.substr(0, at)) && width == 1) return false;  // a name with a dash
  CHIENG_TRY(out.a, value_of(text.substr(0, at), limit, {}));
  CHIENG_TRY(out.b, value_of(text.substr(at + width), limit, {}));
  if (out.b <= out.a || out.b - out.a < 2)
    return fail(
        ErrorCode::parse,
        fmt::format("no number lies between {} and {}: the bounds are not included", out.a, out.b));
  out.op = negated ? Op::not_between : Op::between;
  return true;
}

}  // namespace

bool IntegerMatch::matches(std::uint64_t x) const {
  switch (op) {
    case Op::equal:
      return x == a;
    case Op::not_equal:
      return x != a;
    case Op::less:
      return x < a;
    case Op::less_equal:
      return x <= a;
    case Op::greater:
      return x > a;
    case Op::greater_equal:
      return x >= a;
    case Op::between:
      return a < x && x < b;
    case Op::not_between:
      return !(a < x && x < b);
    case Op::mask:
      return (x & a) != 0;
    case Op::mask_equal:
      return (x & a) == b;
    case Op::mask_not_equal:
      return (x & a) != b;
  }
  return false;
}

Result<IntegerMatch> parse_integer(std::string_view text, std::uint64_t limit,
                                   std::span<const NamedValue> names) {
  text = trim(text);
  if (text.empty()) return fail(ErrorCode::parse, "a number is missing");
  if (text.starts_with('&')) return parse_mask(text.substr(1), limit);
  IntegerMatch out;
  CHIENG_TRY(const bool range, parse_range(text, limit, out));
  if (range) return out;
  static constexpr std::array<std::pair<std::string_view, Op>, 7> kPrefixes = {
      {{"!=", Op::not_equal},
       {"<=", Op::less_equal},
       {">=", Op::greater_equal},
       {"!", Op::not_equal},
       {"=", Op::equal},
       {"<", Op::less},
       {">", Op::greater}}};
  for (const auto& [prefix, op] : kPrefixes)
    if (text.starts_with(prefix)) {
      out.op = op;
      text.remove_prefix(prefix.size());
      break;
    }
  CHIENG_TRY(out.a, value_of(text, limit, names));
  return out;
}

Result<IntegerMatch> parse_inclusive(std::string_view text, std::uint64_t limit) {
  auto at = text.find("<>");
  const std::size_t width = at == std::string_view::npos ? 1 : 2;
  if (width == 1) at = text.find('-');
  if (at == std::string_view::npos) return parse_integer(text, limit);
  const auto low = to_number(trim(text.substr(0, at)));
  const auto high = to_number(trim(text.substr(at + width)));
  if (!low || !high || *low >= *high || *high > limit)
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not a range of numbers", text),
                "write 3-15");
  // between leaves its bounds out
  if (*low == 0) return IntegerMatch{Op::less_equal, *high, 0};
  if (*high == limit) return IntegerMatch{Op::greater_equal, *low, 0};
  return IntegerMatch{Op::between, *low - 1, *high + 1};
}

}  // namespace chieng::suricata
