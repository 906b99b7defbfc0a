// modbus: function, access and unit, joined by commas.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/suricata/keywords/keywords.h"
#include "rules/suricata/text.h"

namespace chieng::suricata::keywords {
namespace {

using Op = IntegerMatch::Op;

constexpr std::uint64_t kMost = 0xffff;
constexpr unsigned kAllCategories = 15, kRead = 1, kWrite = 2;
// As the protocol's category and access have them.
constexpr std::array kCategories = {NamedValue{"assigned", 1}, NamedValue{"unassigned", 2},
                                    NamedValue{"public", 3},   NamedValue{"user", 4},
                                    NamedValue{"reserved", 8}, NamedValue{"all", kAllCategories}};
constexpr std::array kAreas = {NamedValue{"discretes", 4}, NamedValue{"coils", 8},
                               NamedValue{"input", 16}, NamedValue{"holding", 32}};

// A part of the value: "word rest".
struct Part {
  std::string_view word, rest;
};
Part part_of(std::string_view text) {
  text = trim(text);
  const auto space = text.find(' ');
  if (space == std::string_view::npos) return {text, {}};
  return {text.substr(0, space), trim(text.substr(space + 1))};
}

const NamedValue* find(std::span<const NamedValue> names, std::string_view word) {
  const auto at =
      std::ranges::find_if(names, [&](const NamedValue& n) { return same_word(n.name, word); });
  return at == names.end() ? nullptr : &*at;
}

class ModbusKeyword {
 public:
  explicit ModbusKeyword(Builder& b) : b_(b) {}
  Status run(std::string_view v);

 private:
  Status add(std::string_view integer, const IntegerMatch& match);
  Status function(std::string_view text);
  Status access(std::string_view text);
  Status addresses();

  Builder& b_;
  bool write_ = false, has_access_ = false;
  std::optional<IntegerMatch> address_, value_;
};

Status ModbusKeyword::add(std::string_view integer, const IntegerMatch& match) {
  const auto id = b_.catalogue().integer(integer);
  if (!id) return fail(ErrorCode::unsupported, "nothing reads protocol modbus here");
  b_.rule().tx_conditions.push_back({AppInteger{*id, match}, b_.option_index(), false});
  return {};
}

Status ModbusKeyword::function(std::string_view text) {
  const bool negated = b_.negate(text);
  text = trim(text);
  if (const NamedValue* n = find(kCategories, text)) {
    const std::uint64_t mask = negated ? kAllCategories & ~n->value : n->value;
    return add("modbus.category", {Op::mask, mask, 0});
  }
  const auto number = to_number(text);
  if (!number || *number > 255)
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not a function of Modbus", text),
                "write a number up to 255, or assigned, unassigned, public, user, reserved, all");
  return add("modbus.function", {negated ? Op::not_equal : Op::equal, *number, 0});
}

Status ModbusKeyword::access(std::string_view text) {
  const Part p = part_of(text);
  write_ = same_word(p.word, "write");
  if (!write_ && !same_word(p.word, "read"))
    return fail(ErrorCode::parse, fmt::format("access is read or write, not \"{}\"", p.word));
  std::uint64_t mask = write_ ? kWrite : kRead;
  if (!p.rest.empty()) {
    const NamedValue* area = find(kAreas, p.rest);
    if (area == nullptr || (write_ && (area->name == "discretes" || area->name == "input")))
      return fail(ErrorCode::parse, fmt::format("\"{}\" is nothing that can be {}", p.rest,
                                                write_ ? "written" : "read"));
    mask |= area->value;
  }
  has_access_ = true;
  return add("modbus.access", {Op::mask_equal, mask, mask});
}

Status ModbusKeyword::addresses() {
  if (!address_ && !value_) return {};
  if (!has_access_ || (value_ && !write_))
    return fail(ErrorCode::parse, "address follows access, and value follows access write");
  if (!write_) return add("modbus.read_address", *address_);
  CHIENG_CHECK(add("modbus.write_point", address_.value_or(IntegerMatch{Op::greater_equal, 0, 0})));
  std::get<AppInteger>(b_.rule().tx_conditions.back().what).low =
      value_.value_or(IntegerMatch{Op::greater_equal, 0, 0});
  return {};
}

Status ModbusKeyword::run(std::string_view v) {
  b_.need_direction(Direction::to_server);
  for (const std::string_view text : split(v, ',')) {
    const Part p = part_of(text);
    if (p.rest.empty()) return fail(ErrorCode::parse, fmt::format("\"{}\" needs a value", p.word));
    if (same_word(p.word, "function")) {
      CHIENG_CHECK(function(p.rest));
    } else if (same_word(p.word, "subfunction")) {
      CHIENG_TRY(const IntegerMatch match, parse_integer(p.rest, kMost));
      CHIENG_CHECK(add("modbus.subfunction", match));
    } else if (same_word(p.word, "access")) {
      CHIENG_CHECK(access(p.rest));
    } else if (same_word(p.word, "address")) {
      CHIENG_TRY(address_, parse_integer(p.rest, kMost));
    } else if (same_word(p.word, "value")) {
      CHIENG_TRY(value_, parse_integer(p.rest, kMost));
    } else if (same_word(p.word, "unit")) {
      CHIENG_TRY(const IntegerMatch match, parse_integer(p.rest, 255));
      CHIENG_CHECK(add("modbus.unit", match));
    } else {
      return fail(ErrorCode::parse, fmt::format("\"{}\" is no part of modbus", p.word),
                  "use function, subfunction, access, address, value and unit");
    }
  }
  return addresses();
}

Status parse_modbus(Builder& b, std::string_view v) {
  return ModbusKeyword(b).run(v);
}

constexpr std::array kKeywords = {Keyword{"modbus", Value::required, parse_modbus}};

}  // namespace

std::span<const Keyword> modbus() {
  return kKeywords;
}

}  // namespace chieng::suricata::keywords
