#include "rules/suricata/keywords/catalogue_keywords.h"

#include <fmt/format.h>

#include "rules/suricata/text.h"

namespace chieng::suricata {
namespace {

std::uint64_t limit_of(unsigned bits) {
  return bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
}

// ",1", ",any", ",all", ",-2" after the condition.
Status parse_which(std::string_view text, AppInteger& out) {
  if (text == "any") return {};
  if (text == "all") {
    out.which = AppInteger::Which::all;
    return {};
  }
  const bool from_end = text.starts_with('-');
  const auto n = to_number(from_end ? text.substr(1) : text);
  if (!n || *n > 0xffffu)
    return fail(ErrorCode::unsupported,
                fmt::format("\"{}\" after the number is not supported yet", text));
  if (from_end && *n == 0) return fail(ErrorCode::parse, "counting from the end begins with -1");
  out.which = from_end ? AppInteger::Which::last : AppInteger::Which::index;
  out.index = static_cast<std::uint32_t>(from_end ? *n - 1 : *n);
  return {};
}

Status add_integer(Builder& builder, IntegerId id, const RawOption& option) {
  const IntegerSpec& spec = builder.catalogue().spec(id);
  if (option.value.empty())
    return fail(ErrorCode::parse, fmt::format("\"{}\" needs a number", option.name));
  TxCondition condition{AppInteger{id, {}}, builder.option_index(), false};
  auto& integer = std::get<AppInteger>(condition.what);
  auto pieces = split(option.value, ',');
  if (pieces.size() > 1 && (pieces[0] == "to_client" || pieces[0] == "to_server")) {
    builder.need_direction(pieces[0] == "to_client" ? Direction::to_client : Direction::to_server);
    pieces.erase(pieces.begin());
  }
  CHIENG_TRY(integer.match, parse_integer(pieces[0], limit_of(spec.bits), spec.names));
  if (pieces.size() > 2)
    return fail(ErrorCode::parse, fmt::format("\"{}\" has too many parts", option.value));
  if (pieces.size() == 2) CHIENG_CHECK(parse_which(pieces[1], integer));
  if (spec.sides != Sides::both)
    builder.need_direction(has(spec.sides, Direction::to_server) ? Direction::to_server
                                                                 : Direction::to_client);
  builder.rule().tx_conditions.push_back(std::move(condition));
  return {};
}

}  // namespace

std::optional<Status> apply_catalogue_keyword(Builder& builder, const RawOption& option) {
  const Catalogue& catalogue = builder.catalogue();
  if (const auto id = catalogue.buffer(option.name))
    return builder.select({*id, {}}, option.name, option.value);
  if (const auto id = catalogue.buffer_by_modifier(option.name)) {
    if (option.has_value)
      return fail(ErrorCode::parse, fmt::format("\"{}\" takes no value", option.name));
    return builder.move_last_content(*id, catalogue.spec(*id).name);
  }
  if (const auto id = catalogue.integer(option.name)) return add_integer(builder, *id, option);
  return std::nullopt;
}

}  // namespace chieng::suricata
