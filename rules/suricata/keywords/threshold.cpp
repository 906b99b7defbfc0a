// threshold and detection_filter.
#include <fmt/format.h>

#include <array>

#include "rules/suricata/keywords/keywords.h"
#include "rules/suricata/text.h"

namespace chieng::suricata::keywords {
namespace {

using Type = Threshold::Type;
using By = Threshold::Track;

Status parse_type(std::string_view word, Type& out) {
  if (word == "limit")
    out = Type::limit;
  else if (word == "threshold")
    out = Type::threshold;
  else if (word == "both")
    out = Type::both;
  else if (word == "backoff")
    out = Type::backoff;
  else
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not a type of threshold", word),
                "use limit, threshold, both or backoff");
  return {};
}

Status parse_track(std::string_view word, By& out) {
  if (word == "by_src")
    out = By::src;
  else if (word == "by_dst")
    out = By::dst;
  else if (word == "by_both")
    out = By::both;
  else if (word == "by_rule")
    out = By::rule;
  else if (word == "by_flow")
    out = By::flow;
  else
    return fail(ErrorCode::parse,
                fmt::format("\"{}\" is not by_src, by_dst, by_both, by_rule or by_flow", word));
  return {};
}

Status parse_count(std::string_view word, std::uint32_t& out) {
  const auto n = to_number(word);
  if (!n || *n == 0 || *n > 0xffffffffu)
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not a number above 0", word));
  out = static_cast<std::uint32_t>(*n);
  return {};
}

enum Part : unsigned {
  has_type = 1,
  has_track = 2,
  has_count = 4,
  has_seconds = 8,
  has_multiplier = 16
};

Result<unsigned> parse_part(std::string_view key, std::string_view value, Threshold& out) {
  if (key == "type") {
    CHIENG_CHECK(parse_type(value, out.type));
    return has_type;
  }
  if (key == "track") {
    CHIENG_CHECK(parse_track(value, out.track));
    return has_track;
  }
  if (key == "count") {
    CHIENG_CHECK(parse_count(value, out.count));
    return has_count;
  }
  if (key == "seconds") {
    CHIENG_CHECK(parse_count(value, out.seconds));
    return has_seconds;
  }
  if (key == "multiplier") {
    CHIENG_CHECK(parse_count(value, out.multiplier));
    return has_multiplier;
  }
  return fail(ErrorCode::parse, fmt::format("\"{}\" is not known to a threshold", key));
}

Status parse(Builder& b, std::string_view v, bool filter) {
  if (b.rule().threshold)
    return fail(ErrorCode::parse, "a rule can have one threshold or detection_filter");
  Threshold out;
  unsigned seen = filter ? has_type : 0u;
  for (const std::string_view part : split(v, ',')) {
    const auto pair = words(part);
    if (pair.size() < 2)
      return fail(ErrorCode::parse, fmt::format("\"{}\" is not a name and a value", part));
    CHIENG_TRY(const unsigned which, parse_part(pair[0], pair[1], out));
    seen |= which;
    // What follows a whole threshold without a comma is passed over, as the language's own engine
    // does.
    if ((seen & 15u) == 15u) break;
  }
  if (filter) out.type = Type::filter;
  const unsigned needed =
      out.type == Type::backoff ? has_type | has_track | has_count | has_multiplier : 15u;
  if ((seen & needed) != needed)
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not complete", v),
                "write threshold:type limit, track by_src, count 1, seconds 60;");
  out.option = b.option_index();
  b.rule().threshold = out;
  return {};
}

Status parse_threshold(Builder& b, std::string_view v) {
  return parse(b, v, false);
}
Status parse_filter(Builder& b, std::string_view v) {
  return parse(b, v, true);
}

constexpr std::array kKeywords = {
    Keyword{"threshold", Value::required, parse_threshold},
    Keyword{"detection_filter", Value::required, parse_filter},
};

}  // namespace

std::span<const Keyword> threshold() {
  return kKeywords;
}

}  // namespace chieng::suricata::keywords
