// cip_service: a service of CIP with, where they are given, its class and attribute.
#include <fmt/format.h>

#include <array>

#include "rules/suricata/keywords/keywords.h"
#include "rules/suricata/text.h"

namespace chieng::suricata::keywords {
namespace {

Status parse_service(Builder& b, std::string_view v) {
  const auto id = b.catalogue().integer("enip.cip_packed");
  if (!id) return fail(ErrorCode::unsupported, "nothing reads protocol enip here");
  // Service, class and attribute in one number: 32, 16 and 0 bits up.
  static constexpr std::array<unsigned, 3> shifts = {32, 16, 0};
  static constexpr std::array<std::uint64_t, 3> most = {0x7f, 0xffff, 0xffff};
  const auto parts = split(v, ',');
  if (parts.size() > shifts.size())
    return fail(ErrorCode::parse, fmt::format("\"{}\" has too many parts", v),
                "write cip_service:SERVICE,CLASS,ATTRIBUTE;");
  IntegerMatch match{IntegerMatch::Op::mask_equal, 0, 0};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto n = to_number(trim(parts[i]));
    if (!n || *n > most[i])
      return fail(ErrorCode::parse,
                  fmt::format("\"{}\" is not a number up to {}", parts[i], most[i]));
    match.a |= most[i] << shifts[i];
    match.b |= *n << shifts[i];
  }
  b.rule().tx_conditions.push_back({AppInteger{*id, match}, b.option_index(), false});
  return {};
}

constexpr std::array kKeywords = {Keyword{"cip_service", Value::required, parse_service}};

}  // namespace

std::span<const Keyword> enip() {
  return kKeywords;
}

}  // namespace chieng::suricata::keywords
