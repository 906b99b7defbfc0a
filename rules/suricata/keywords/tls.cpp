// ssl_version and tls.version: versions by name, several of them.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/suricata/keywords/keywords.h"
#include "rules/suricata/text.h"

namespace chieng::suricata::keywords {
namespace {

constexpr std::array kVersions = {NamedValue{"sslv2", 0x0002}, NamedValue{"sslv3", 0x0300}, NamedValue{"tls1.0", 0x0301},
                                  NamedValue{"tls1.1", 0x0302}, NamedValue{"tls1.2", 0x0303}, NamedValue{"tls1.3", 0x0304},
                                  NamedValue{"1.0", 0x0301},    NamedValue{"1.1", 0x0302},    NamedValue{"1.2", 0x0303},
                                  NamedValue{"1.3", 0x0304}};

Status parse_version(Builder& b, std::string_view v) {
  const auto integer = b.catalogue().integer("tls.version");
  if (!integer) return fail(ErrorCode::unsupported, "nothing reads the version from protocol tls yet");
  AppValues out{*integer, {}, {}};
  for (std::string_view part : split(v, ',')) {
    const bool negated = b.negate(part);
    part = unquoted(part);
    const auto at = std::ranges::find_if(kVersions, [&](const NamedValue& n) { return same_word(n.name, part); });
    if (at == kVersions.end()) return fail(ErrorCode::parse, fmt::format("\"{}\" is not a version of TLS", part), "use sslv3, tls1.0, tls1.2 …");
    (negated ? out.none_of : out.any_of).push_back(at->value);
  }
  b.rule().tx_conditions.push_back({std::move(out), b.option_index(), false});
  return {};
}

constexpr std::array kKeywords = {
    Keyword{"ssl_version", Value::required, parse_version},
    Keyword{"tls.version", Value::required, parse_version},
};

}  // namespace

std::span<const Keyword> tls() { return kKeywords; }

}  // namespace chieng::suricata::keywords
