// State that rules leave for each other: flowbits, flowint, flowvar, hostbits, xbits; and what
// needs databases.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/suricata/keywords/keywords.h"
#include "rules/suricata/text.h"

namespace chieng::suricata::keywords {
namespace {

using Op = NamedBits::Op;

std::optional<Op> op_of(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, Op>, 5> kOps = {
      {{"set", Op::set},
       {"unset", Op::unset},
       {"toggle", Op::toggle},
       {"isset", Op::isset},
       {"isnotset", Op::isnotset}}};
  for (const auto& [name, op] : kOps)
    if (same_word(name, word)) return op;
  return std::nullopt;
}
bool is_check(Op op) {
  return op == Op::isset || op == Op::isnotset;
}

Status parse_flowbits(Builder& b, std::string_view v) {
  const auto parts = split(v, ',');
  if (same_word(parts[0], "noalert")) {
    b.rule().noalert = true;
    return {};
  }
  const auto op = op_of(parts[0]);
  if (!op || parts.size() != 2 || parts[1].empty())
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not an operation and a name", v),
                "write flowbits:set,name; or flowbits:isset,name;");
  NamedBits bits{*op, {}};
  for (const std::string_view name : split(parts[1], '|'))
    bits.bits.push_back(b.context().names.number(name));
  if (bits.bits.size() > 1 && !is_check(*op))
    return fail(ErrorCode::parse, "a list of names can only be asked for with isset or isnotset");
  (is_check(*op) ? b.rule().conditions : b.rule().after)
      .push_back({std::move(bits), b.option_index()});
  return {};
}

Status add_hostbits(Builder& b, HostBits bits) {
  (is_check(bits.op) ? b.rule().conditions : b.rule().after).push_back({bits, b.option_index()});
  return {};
}

Status parse_hostbits(Builder& b, std::string_view v) {
  const auto parts = split(v, ',');
  if (same_word(parts[0], "noalert")) {
    b.rule().noalert = true;
    return {};
  }
  const auto op = op_of(parts[0]);
  if (!op || parts.size() < 2 || parts.size() > 3)
    return fail(ErrorCode::parse,
                fmt::format("\"{}\" is not an operation, a name and src or dst", v));
  HostBits bits{*op, b.context().names.number("host:" + std::string(parts[1])), Track::src, 300,
                false};
  if (parts.size() == 3) {
    if (parts[2] == "dst")
      bits.track = Track::dst;
    else if (parts[2] == "both")
      bits.track = Track::pair;
    else if (parts[2] != "src")
      return fail(ErrorCode::parse, fmt::format("\"{}\" is not src, dst or both", parts[2]));
  }
  return add_hostbits(b, bits);
}

Status parse_xbits(Builder& b, std::string_view v) {
  const auto parts = split(v, ',');
  if (same_word(parts[0], "noalert")) {
    b.rule().noalert = true;
    return {};
  }
  const auto op = op_of(parts[0]);
  if (!op || parts.size() < 3)
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not an operation, a name and track", v),
                "write xbits:set,name,track ip_src,expire 60;");
  HostBits bits{*op, b.context().names.number("x:" + std::string(parts[1])), Track::src, 30, false};
  for (std::size_t i = 2; i < parts.size(); ++i) {
    const auto pair = words(parts[i]);
    const auto seconds = pair.size() == 2 ? to_number(pair[1]) : std::nullopt;
    if (pair.size() == 2 && pair[0] == "expire" && seconds && *seconds > 0 &&
        *seconds <= 0xffffffffu)
      bits.seconds = static_cast<std::int64_t>(*seconds);
    else if (pair.size() == 2 && pair[0] == "track" && pair[1] == "ip_src")
      bits.track = Track::src;
    else if (pair.size() == 2 && pair[0] == "track" && pair[1] == "ip_dst")
      bits.track = Track::dst;
    else if (pair.size() == 2 && pair[0] == "track" && pair[1] == "ip_pair")
      bits.track = Track::pair;
    else
      return fail(ErrorCode::unsupported, fmt::format("xbits: \"{}\" is not supported", parts[i]),
                  "use track ip_src, ip_dst or ip_pair, and expire");
  }
  return add_hostbits(b, bits);
}

Status parse_flowint(Builder& b, std::string_view v) {
  using F = FlowInt::Op;
  static constexpr std::array<std::pair<std::string_view, F>, 12> kOps = {
      {{"+", F::add},
       {"-", F::subtract},
       {"=", F::set},
       {"==", F::equal},
       {"!=", F::not_equal},
       {"<", F::less},
       {"<=", F::less_equal},
       {">", F::greater},
       {">=", F::greater_equal},
       {"isset", F::isset},
       {"notset", F::notset},
       {"isnotset", F::notset}}};
  const auto parts = split(v, ',');
  if (parts.size() < 2 || parts[0].empty())
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not a name, an operation and a value", v));
  const auto op = std::ranges::find(kOps, parts[1], &std::pair<std::string_view, F>::first);
  if (op == kOps.end())
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not an operation of flowint", parts[1]));
  FlowInt out{b.context().names.number("int:" + std::string(parts[0])), op->second, 0,
              std::nullopt};
  if (out.op != F::isset && out.op != F::notset) {
    if (parts.size() != 3 || parts[2].empty())
      return fail(ErrorCode::parse, "flowint needs a value");
    const auto n = to_number(parts[2]);
    if (n && *n > 0xffffffffu)
      return fail(ErrorCode::parse, fmt::format("{} is too large for flowint", *n));
    if (n)
      out.value = static_cast<std::uint32_t>(*n);
    else
      out.other = b.context().names.number("int:" + std::string(parts[2]));
  }
  b.rule().conditions.push_back({out, b.option_index()});
  return {};
}

template <bool packet>
Status parse_variable(Builder& b, std::string_view v) {
  const auto comma = v.find(',');
  if (comma == std::string_view::npos)
    return fail(ErrorCode::parse, "a name and a text are needed");
  std::string_view text = v.substr(comma + 1);
  FlowVariable out{b.context().names.number("var:" + std::string(trim(v.substr(0, comma)))),
                   {},
                   b.negate(text),
                   packet};
  CHIENG_TRY(out.content, pattern_bytes(unquoted(text)));
  b.rule().conditions.push_back({std::move(out), b.option_index()});
  return {};
}

// Their databases are not there, so they hold of nothing; the rule loads and stays silent, as the
// language has it.
Status never(Builder& b, std::string_view) {
  b.rule().conditions.push_back({Never{}, b.option_index()});
  return {};
}

constexpr std::array kKeywords = {
    Keyword{"flowbits", Value::required, parse_flowbits},
    Keyword{"hostbits", Value::required, parse_hostbits},
    Keyword{"xbits", Value::required, parse_xbits},
    Keyword{"flowint", Value::required, parse_flowint},
    Keyword{"flowvar", Value::required, parse_variable<false>},
    Keyword{"pktvar", Value::required, parse_variable<true>},
    Keyword{"iprep", Value::required, never},
    Keyword{"geoip", Value::required, never},
};

}  // namespace

std::span<const Keyword> bits() {
  return kKeywords;
}

}  // namespace chieng::suricata::keywords
