// dnp3_ind and dnp3_obj: flags of a response by name, and objects by group and variation.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/suricata/keywords/keywords.h"
#include "rules/suricata/text.h"

namespace chieng::suricata::keywords {
namespace {

Result<IntegerId> integer_of(Builder& b, std::string_view name) {
  const auto id = b.catalogue().integer(name);
  if (!id) return fail(ErrorCode::unsupported, "nothing reads protocol dnp3 here");
  return *id;
}

void add(Builder& b, IntegerId id, const IntegerMatch& match) {
  b.rule().tx_conditions.push_back({AppInteger{id, match}, b.option_index(), false});
}

// Any of the named flags.
Status parse_indications(Builder& b, std::string_view v) {
  CHIENG_TRY(const IntegerId id, integer_of(b, "dnp3.indications"));
  const auto names = b.catalogue().spec(id).names;
  IntegerMatch match{IntegerMatch::Op::mask, 0, 0};
  for (const std::string_view part : split(v, ',')) {
    const auto at = std::ranges::find_if(
        names, [&](const NamedValue& n) { return same_word(n.name, trim(part)); });
    if (at == names.end())
      return fail(ErrorCode::parse, fmt::format("\"{}\" is not an internal indication", part),
                  "use class_1_events, need_time, device_restart …");
    match.a |= at->value;
  }
  b.need_direction(Direction::to_client);
  add(b, id, match);
  return {};
}

Status parse_object(Builder& b, std::string_view v) {
  CHIENG_TRY(const IntegerId id, integer_of(b, "dnp3.object"));
  const auto parts = split(v, ',');
  const auto number = [](std::string_view text) {
    const auto n = to_number(trim(text));
    return n && *n <= 255 ? n : decltype(n){};
  };
  const auto group = number(parts[0]), variation = parts.size() == 2 ? number(parts[1]) : group;
  if (parts.size() != 2 || !group || !variation)
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not a group and a variation", v),
                "write dnp3_obj:12,1;");
  add(b, id, {IntegerMatch::Op::equal, *group << 8 | *variation, 0});
  return {};
}

constexpr std::array kKeywords = {
    Keyword{"dnp3_ind", Value::required, parse_indications},
    Keyword{"dnp3_obj", Value::required, parse_object},
};

}  // namespace

std::span<const Keyword> dnp3() {
  return kKeywords;
}

}  // namespace chieng::suricata::keywords
