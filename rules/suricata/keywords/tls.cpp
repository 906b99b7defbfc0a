// ssl_version and tls.version: versions by name, several of them; ssl_state: which hello came.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/suricata/keywords/keywords.h"
#include "rules/suricata/text.h"

namespace chieng::suricata::keywords {
namespace {

constexpr std::array kVersions = {NamedValue{"sslv2", 0x0002},  NamedValue{"sslv3", 0x0300},
                                  NamedValue{"tls1.0", 0x0301}, NamedValue{"tls1.1", 0x0302},
                                  NamedValue{"tls1.2", 0x0303}, NamedValue{"tls1.3", 0x0304},
                                  NamedValue{"1.0", 0x0301},    NamedValue{"1.1", 0x0302},
                                  NamedValue{"1.2", 0x0303},    NamedValue{"1.3", 0x0304}};

Status parse_version(Builder& b, std::string_view v) {
  const auto integer = b.catalogue().integer("tls.version");
  if (!integer)
    return fail(ErrorCode::unsupported, "nothing reads the version from protocol tls yet");
  AppValues out{*integer, {}, {}};
  for (std::string_view part : split(v, ',')) {
    const bool negated = b.negate(part);
    part = unquoted(part);
    const auto at = std::ranges::find_if(
        kVersions, [&](const NamedValue& n) { return same_word(n.name, part); });
    if (at == kVersions.end())
      return fail(ErrorCode::parse, fmt::format("\"{}\" is not a version of TLS", part),
                  "use sslv3, tls1.0, tls1.2 …");
    (negated ? out.none_of : out.any_of).push_back(at->value);
  }
  b.rule().tx_conditions.push_back({std::move(out), b.option_index(), false});
  return {};
}

// tls.subject:"x", tls.issuerdn:"x", tls.fingerprint:"x": text that the field has to hold.
Status add_text(Builder& b, std::string_view v, std::string_view name) {
  const auto buffer = b.catalogue().buffer(name);
  if (!buffer)
    return fail(ErrorCode::unsupported, fmt::format("buffer {} is not supported yet", name));
  Step step;
  step.negated = b.negate(v);
  Content c;
  CHIENG_TRY(c.bytes, pattern_bytes(unquoted(v)));
  if (c.bytes.empty()) return fail(ErrorCode::parse, "the text is empty");
  step.what = std::move(c);
  step.option = b.option_index();
  b.list_of({*buffer, {}}, name).steps.push_back(std::move(step));
  return {};
}
Status parse_subject(Builder& b, std::string_view v) {
  return add_text(b, v, "tls.cert_subject");
}
Status parse_issuer(Builder& b, std::string_view v) {
  return add_text(b, v, "tls.cert_issuer");
}
Status parse_fingerprint(Builder& b, std::string_view v) {
  return add_text(b, v, "tls.cert_fingerprint");
}

// A hello that was read tells a version: that is how it is known to be there.
Status parse_state(Builder& b, std::string_view v) {
  const auto integer = b.catalogue().integer("tls.version");
  if (!integer)
    return fail(ErrorCode::unsupported, "nothing reads the version from protocol tls yet");
  bool client = false, server = false;
  for (const std::string_view part : split(v, v.find('|') == std::string_view::npos ? ',' : '|')) {
    if (part == "client_hello")
      client = true;
    else if (part == "server_hello")
      server = true;
    else
      return fail(ErrorCode::unsupported,
                  fmt::format("ssl_state \"{}\" is not supported: only client_hello and "
                              "server_hello are",
                              part));
  }
  if (client != server) b.need_direction(client ? Direction::to_server : Direction::to_client);
  AppInteger any{.id = *integer, .match = {}};
  any.match.op = IntegerMatch::Op::greater_equal;
  b.rule().tx_conditions.push_back({std::move(any), b.option_index(), false});
  return {};
}

constexpr std::array kKeywords = {
    Keyword{"ssl_state", Value::required, parse_state},
    Keyword{"ssl_version", Value::required, parse_version},
    Keyword{"tls.version", Value::required, parse_version},
    Keyword{"tls.subject", Value::required, parse_subject},
    Keyword{"tls.issuerdn", Value::required, parse_issuer},
    Keyword{"tls.fingerprint", Value::required, parse_fingerprint},
};

}  // namespace

std::span<const Keyword> tls() {
  return kKeywords;
}

}  // namespace chieng::suricata::keywords
