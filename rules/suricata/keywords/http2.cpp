// http2.settings, a setting by name with its value, and websocket.flags, bits by name.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "rules/suricata/keywords/keywords.h"
#include "rules/suricata/text.h"

namespace chieng::suricata::keywords {
namespace {

Result<IntegerId> integer_of(Builder& b, std::string_view name, std::string_view protocol) {
  const auto id = b.catalogue().integer(name);
  if (!id)
    return fail(ErrorCode::unsupported,
                fmt::format("nothing reads {} from protocol {} yet", name, protocol));
  return *id;
}

// "SETTINGS_ENABLE_PUSH=0", "SETTINGS_MAX_FRAME_SIZE": each setting has an integer of its own.
Status parse_settings(Builder& b, std::string_view v) {
  constexpr std::string_view prefix = "settings_";
  const auto is_name = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
  const auto end = std::ranges::find_if_not(v, is_name);
  std::string name(v.begin(), end);
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (name.starts_with(prefix)) name.erase(0, prefix.size());
  const auto id = b.catalogue().integer("http2.settings." + name);
  if (!id)
    return fail(ErrorCode::parse,
                fmt::format("\"{}\" is not the name of a setting of HTTP/2", name),
                "write SETTINGS_MAX_FRAME_SIZE, SETTINGS_ENABLE_PUSH …");
  AppInteger out{.id = *id, .match = {IntegerMatch::Op::greater_equal, 0, 0}};
  const std::string_view condition = trim(v.substr(static_cast<std::size_t>(end - v.begin())));
  if (!condition.empty()) {
    CHIENG_TRY(out.match, parse_integer(condition, 0xffffffff));
  }
  b.rule().tx_conditions.push_back({out, b.option_index(), false});
  return {};
}

constexpr std::array kWebsocketFlags = {NamedValue{"fin", 0x80}, NamedValue{"comp", 0x40}};

// "fin,!comp", or a number as everywhere.
Status parse_websocket_flags(Builder& b, std::string_view v) {
  CHIENG_TRY(const IntegerId id, integer_of(b, "websocket.flags", "websocket"));
  AppInteger out{.id = id, .match = {IntegerMatch::Op::mask_equal, 0, 0}};
  bool named = true;
  for (std::string_view part : split(v, ',')) {
    const bool negated = part.starts_with('!');
    if (negated) part = trim(part.substr(1));
    const auto flag = std::ranges::find_if(
        kWebsocketFlags, [&](const NamedValue& n) { return same_word(n.name, part); });
    named = named && flag != kWebsocketFlags.end();
    if (!named) break;
    out.match.a |= flag->value;
    if (!negated) out.match.b |= flag->value;
  }
  if (!named) {
    CHIENG_TRY(out.match, parse_integer(v, 0xff));
  }
  b.rule().tx_conditions.push_back({out, b.option_index(), false});
  return {};
}

constexpr std::array kKeywords = {
    Keyword{"http2.settings", Value::required, parse_settings},
    Keyword{"websocket.flags", Value::required, parse_websocket_flags},
};

}  // namespace

std::span<const Keyword> http2() {
  return kKeywords;
}

}  // namespace chieng::suricata::keywords
