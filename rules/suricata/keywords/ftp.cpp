// ftpbounce: PORT or EPRT names another host than the client.
#include <array>

#include "rules/suricata/keywords/keywords.h"

namespace chieng::suricata::keywords {
namespace {

Status parse_bounce(Builder& b, std::string_view) {
  const auto integer = b.catalogue().integer("ftp.foreign_address");
  if (!integer) return fail(ErrorCode::unsupported, "nothing reads protocol ftp yet");
  b.need_direction(Direction::to_server);
  b.rule().tx_conditions.push_back({AppValues{*integer, {1}, {}}, b.option_index(), false});
  return {};
}

constexpr std::array kKeywords = {Keyword{"ftpbounce", Value::none, parse_bounce}};

}  // namespace

std::span<const Keyword> ftp() {
  return kKeywords;
}

}  // namespace chieng::suricata::keywords
