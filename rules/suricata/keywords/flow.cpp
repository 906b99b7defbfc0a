// flow, flow.age and the like, stream_size, app-layer-protocol.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/suricata/keywords/keywords.h"
#include "rules/suricata/text.h"

namespace chieng::suricata::keywords {
namespace {

Status parse_flow(Builder& b, std::string_view v) {
  Signature& rule = b.rule();
  if (rule.has_flow)
    return fail(ErrorCode::parse, "the rule has flow twice",
                "write one list: flow:established,to_server;");
  rule.has_flow = true;
  FlowTest state;
  std::optional<Direction> direction;
  int states = 0;
  for (const std::string_view part : split(v, ',')) {
    const std::string word = lower(part);
    const bool to_server = word == "to_server" || word == "from_client";
    if (to_server || word == "to_client" || word == "from_server") {
      if (direction) return fail(ErrorCode::parse, "flow names a direction twice");
      direction = to_server ? Direction::to_server : Direction::to_client;
    } else if (word == "established")
      state.established = true, ++states;
    else if (word == "not_established")
      state.not_established = true, ++states;
    else if (word == "stateless")
      ++states;
    else if (word == "only_stream")
      rule.only_stream = true;
    else if (word == "no_stream")
      rule.no_stream = true;
    else if (word == "only_frag")
      state.only_frag = true;
    else if (word == "no_frag")
      state.no_frag = true;
    else
      return fail(ErrorCode::parse, fmt::format("\"{}\" is not known to flow", part),
                  "use to_server, to_client, established, stateless …");
  }
  if (states > 1)
    return fail(ErrorCode::parse,
                "flow can have one of established, not_established and stateless");
  if (rule.only_stream && rule.no_stream)
    return fail(ErrorCode::parse, "flow has only_stream and no_stream");
  if (direction && rule.transactional)
    return fail(ErrorCode::parse, "a rule with => takes no direction in flow");
  if (direction) b.need_direction(*direction);
  rule.one_sided_flow = direction.has_value();
  rule.conditions.push_back({state, b.option_index()});
  return {};
}

template <auto read>
Status flow_field(Builder& b, std::string_view v) {
  Field field{read, {}};
  CHIENG_TRY(field.match, parse_integer(v, ~std::uint64_t{0}));
  b.rule().conditions.push_back({field, b.option_index()});
  return {};
}

std::optional<std::uint64_t> age(const Inspection& in) {
  if (in.flow == nullptr) return std::nullopt;
  const auto micros = in.packet->time - in.flow->start;
  return micros < 0 ? 0 : static_cast<std::uint64_t>(micros / 1'000'000);
}

using Who = FlowCount::Who;

Status add_count(Builder& b, Who who, bool bytes, std::string_view v) {
  FlowCount out{who, bytes, {}};
  CHIENG_TRY(out.match, parse_integer(v, ~std::uint64_t{0}));
  b.rule().conditions.push_back({out, b.option_index()});
  return {};
}

template <bool bytes>
Status parse_count(Builder& b, std::string_view v) {
  static constexpr std::array<std::pair<std::string_view, Who>, 4> kWho = {
      {{"toserver", Who::to_server},
       {"toclient", Who::to_client},
       {"both", Who::both},
       {"either", Who::either}}};
  const auto comma = v.find(',');
  const auto word = trim(v.substr(0, comma));
  for (const auto& [name, who] : kWho)
    if (name == word && comma != std::string_view::npos)
      return add_count(b, who, bytes, v.substr(comma + 1));
  return fail(ErrorCode::parse, fmt::format("\"{}\" is not a direction and a number", v),
              "write flow.pkts:toserver,>5;");
}
template <Who who, bool bytes>
Status parse_count_of(Builder& b, std::string_view v) {
  return add_count(b, who, bytes, v);
}

Status parse_stream_size(Builder& b, std::string_view v) {
  using Side = StreamSize::Who;
  static constexpr std::array<std::pair<std::string_view, Side>, 4> kWho = {
      {{"server", Side::server},
       {"client", Side::client},
       {"both", Side::both},
       {"either", Side::either}}};
  const auto parts = split(v, ',');
  if (parts.size() != 3)
    return fail(ErrorCode::parse, "stream_size needs three values",
                "write stream_size:server,<,5;");
  for (const auto& [name, who] : kWho) {
    if (name != parts[0]) continue;
    StreamSize out{who, {}};
    CHIENG_TRY(out.match, parse_integer(std::string(parts[1]) + std::string(parts[2]), 0xffffffff));
    b.rule().conditions.push_back({out, b.option_index()});
    return {};
  }
  return fail(ErrorCode::parse,
              fmt::format("\"{}\" is not server, client, both or either", parts[0]));
}

Status parse_app_layer_protocol(Builder& b, std::string_view v) {
  using Which = AppProtocol::Which;
  static constexpr std::array<std::pair<std::string_view, Which>, 6> kWhich = {
      {{"final", Which::final},
       {"either", Which::either},
       {"to_server", Which::to_server},
       {"to_client", Which::to_client},
       {"direction", Which::direction},
       {"original", Which::original}}};
  AppProtocol out;
  out.negated = b.negate(v);
  const auto parts = split(v, ',');
  for (const std::string_view name : split(parts[0], '|')) {
    if (name == "failed")
      out.failed = true;
    else if (name == "unknown")
      out.unknown = true;
    else {
      auto protocols = b.catalogue().rule_protocols(name);
      if (const AppProto exact = b.catalogue().by_name(name); protocols.empty() && exact.is_known())
        protocols.push_back(exact);
      // A protocol that is never detected is not there: its negation holds of every other.
      if (protocols.empty() && !out.negated)
        return fail(ErrorCode::unsupported, fmt::format("protocol {} is not supported yet", name));
      out.protocols.insert(out.protocols.end(), protocols.begin(), protocols.end());
    }
  }
  if (out.negated && out.unknown) return fail(ErrorCode::parse, "!unknown is not possible");
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const auto at = std::ranges::find(kWhich, parts[i], &std::pair<std::string_view, Which>::first);
    if (at == kWhich.end() && parts[i] != "exact")
      return fail(ErrorCode::parse, fmt::format("\"{}\" is not known here", parts[i]));
    if (at != kWhich.end()) out.which = at->second;
  }
  b.rule().conditions.push_back({std::move(out), b.option_index()});
  return {};
}

constexpr std::array kKeywords = {
    Keyword{"flow", Value::required, parse_flow},
    Keyword{"flow.age", Value::required, flow_field<age>},
    Keyword{"flow.pkts", Value::required, parse_count<false>},
    Keyword{"flow.bytes", Value::required, parse_count<true>},
    Keyword{"flow.pkts_toserver", Value::required, parse_count_of<Who::to_server, false>},
    Keyword{"flow.pkts_toclient", Value::required, parse_count_of<Who::to_client, false>},
    Keyword{"flow.bytes_toserver", Value::required, parse_count_of<Who::to_server, true>},
    Keyword{"flow.bytes_toclient", Value::required, parse_count_of<Who::to_client, true>},
    Keyword{"stream_size", Value::required, parse_stream_size},
    Keyword{"app-layer-protocol", Value::required, parse_app_layer_protocol},
};

}  // namespace

std::span<const Keyword> flow() {
  return kKeywords;
}

}  // namespace chieng::suricata::keywords
