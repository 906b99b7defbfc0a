// ike.chosen_sa_attribute:NAME=VALUE: an attribute of the association that the responder chose.
#include <fmt/format.h>

#include <array>

#include "rules/suricata/keywords/keywords.h"
#include "rules/suricata/text.h"

namespace chieng::suricata::keywords {
namespace {

Status parse_attribute(Builder& b, std::string_view v) {
  const auto equals = v.find('=');
  if (equals == std::string_view::npos)
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not a name and a value", v),
                "write ike.chosen_sa_attribute:alg_enc=7;");
  const std::string_view name = trim(v.substr(0, equals));
  const auto integer = b.catalogue().integer("ike.chosen_sa_attribute." + lower(name));
  if (!integer)
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not an attribute of IKE", name),
                "use alg_enc, alg_hash, alg_auth, alg_dh, sa_life_duration …");
  AppInteger out{*integer, {}};
  CHIENG_TRY(out.match, parse_integer(trim(v.substr(equals + 1)), 0xffffffffu));
  b.need_direction(Direction::to_client);
  b.rule().tx_conditions.push_back({std::move(out), b.option_index(), false});
  return {};
}

constexpr std::array kKeywords = {
    Keyword{"ike.chosen_sa_attribute", Value::required, parse_attribute},
};

}  // namespace

std::span<const Keyword> ike() {
  return kKeywords;
}

}  // namespace chieng::suricata::keywords
