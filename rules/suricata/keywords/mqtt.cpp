// mqtt.flags and mqtt.connect.flags: bits by name, each with an optional '!'.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/suricata/keywords/keywords.h"
#include "rules/suricata/text.h"

namespace chieng::suricata::keywords {
namespace {

constexpr std::array kMessageFlags = {NamedValue{"retain", 1}, NamedValue{"dup", 8}};
constexpr std::array kConnectFlags = {NamedValue{"username", 0x80}, NamedValue{"password", 0x40},
                                      NamedValue{"will_retain", 0x20}, NamedValue{"will", 4},
                                      NamedValue{"clean_session", 2}};

Status parse_bits(Builder& b, std::string_view v, std::string_view integer,
                  std::span<const NamedValue> names) {
  const auto id = b.catalogue().integer(integer);
  if (!id) return fail(ErrorCode::unsupported, "nothing reads protocol mqtt here");
  IntegerMatch match{IntegerMatch::Op::mask_equal, 0, 0};
  for (std::string_view part : split(v, ',')) {
    part = trim(part);
    const bool negated = b.negate(part);
    const auto at = std::ranges::find_if(
        names, [&](const NamedValue& n) { return same_word(n.name, trim(part)); });
    if (at == names.end())
      return fail(ErrorCode::parse, fmt::format("\"{}\" is not a flag of this message", part));
    match.a |= at->value;
    if (!negated) match.b |= at->value;
  }
  b.need_direction(Direction::to_server);
  b.rule().tx_conditions.push_back({AppInteger{*id, match}, b.option_index(), false});
  return {};
}

Status parse_flags(Builder& b, std::string_view v) {
  return parse_bits(b, v, "mqtt.message_flags", kMessageFlags);
}
Status parse_connect_flags(Builder& b, std::string_view v) {
  return parse_bits(b, v, "mqtt.connect.flag_bits", kConnectFlags);
}

constexpr std::array kKeywords = {
    Keyword{"mqtt.flags", Value::required, parse_flags},
    Keyword{"mqtt.connect.flags", Value::required, parse_connect_flags},
};

}  // namespace

std::span<const Keyword> mqtt() {
  return kKeywords;
}

}  // namespace chieng::suricata::keywords
