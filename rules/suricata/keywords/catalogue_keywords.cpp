#include "rules/suricata/keywords/catalogue_keywords.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "rules/suricata/text.h"

namespace chieng::suricata {
namespace {

std::uint64_t limit_of(unsigned bits) {
  return bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
}

std::optional<std::int32_t> to_index(std::string_view text) {
  const bool negative = text.starts_with('-');
  const auto n = to_number(negative ? text.substr(1) : text);
  if (!n || *n > 0xffffu || (negative && *n == 0)) return std::nullopt;
  return negative ? -static_cast<std::int32_t>(*n) : static_cast<std::int32_t>(*n);
}

// "1:-1": the instances from number 1 on without the last one.
bool parse_range(std::string_view text, AppInteger& out) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view from = trim(text.substr(0, colon)), to = trim(text.substr(colon + 1));
  const auto a = from.empty() ? std::optional(out.from) : to_index(from);
  const auto b = to.empty() ? std::optional(out.to) : to_index(to);
  if (!a || !b) return false;
  out.from = *a, out.to = *b;
  return true;
}

// ",1", ",any", ",all", ",-1", ",nb>2", ",oob_or 2", ",1:-1" after the condition.
Status parse_which(std::string_view text, AppInteger& out) {
  using Which = AppInteger::Which;
  static constexpr std::array<std::pair<std::string_view, Which>, 4> kWords = {
      {{"any", Which::any},
       {"all", Which::all},
       {"all_or_absent", Which::all_or_absent},
       {"or_absent", Which::or_absent}}};
  for (const auto& [word, which] : kWords)
    if (text == word) {
      out.which = which;
      return {};
    }
  if (parse_range(text, out)) return {};
  if (text.starts_with("nb")) {
    out.which = Which::number;
    CHIENG_TRY(out.number, parse_integer(text.substr(2), 0xffffffff));
    return {};
  }
  constexpr std::string_view or_less = "oob_or";
  const bool lenient = text.starts_with(or_less);
  const auto n = to_index(trim(lenient ? text.substr(or_less.size()) : text));
  if (!n)
    return fail(ErrorCode::parse,
                fmt::format("\"{}\" after the number says not which of them is meant", text),
                "write a position, any, all, all_or_absent, or_absent, nb>2 or oob_or 2");
  out.which = lenient ? Which::index_or_less : Which::index;
  out.index = *n;
  return {};
}

Status parse_condition(const std::vector<std::string_view>& pieces, const IntegerSpec& spec,
                       AppInteger& out) {
  constexpr std::string_view count = "count";
  if (spec.multi && pieces[0].starts_with(count)) {
    out.which = AppInteger::Which::count;
    CHIENG_TRY(out.number, parse_integer(pieces[0].substr(count.size()), 0xffffffff));
  } else {
    CHIENG_TRY(out.match, parse_integer(pieces[0], limit_of(spec.bits), spec.names));
  }
  if (pieces.size() > 3)
    return fail(ErrorCode::parse, "there are more than three parts between commas");
  for (std::size_t i = 1; i < pieces.size(); ++i) CHIENG_CHECK(parse_which(pieces[i], out));
  return {};
}

Status add_integer(Builder& builder, IntegerId id, const RawOption& option) {
  const IntegerSpec& spec = builder.catalogue().spec(id);
  if (option.value.empty())
    return fail(ErrorCode::parse, fmt::format("\"{}\" needs a number", option.name));
  TxCondition condition{AppInteger{.id = id, .match = {}}, builder.option_index(), false};
  auto& integer = std::get<AppInteger>(condition.what);
  auto pieces = split(option.value, ',');
  if (pieces.size() > 1 && (pieces[0] == "to_client" || pieces[0] == "to_server")) {
    builder.need_direction(pieces[0] == "to_client" ? Direction::to_client : Direction::to_server);
    pieces.erase(pieces.begin());
  }
  CHIENG_CHECK(parse_condition(pieces, spec, integer));
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
