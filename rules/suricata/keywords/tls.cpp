// ssl_version and tls.version: versions by name, several of them; ssl_state: which hello came.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>

#include "rules/suricata/integer.h"
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

// tls_cert_expired and tls_cert_valid: the certificate's period against the packet's time.
template <std::uint64_t Period>
Status parse_period(Builder& b, std::string_view) {
  const auto integer = b.catalogue().integer("tls.cert_period");
  if (!integer) return fail(ErrorCode::unsupported, "nothing reads certificates yet");
  b.rule().tx_conditions.push_back({AppValues{*integer, {Period}, {}}, b.option_index(), false});
  return {};
}
constexpr std::uint64_t kValid = 1, kExpired = 2;

// "2015", "2015-10", "2015-10-22", "2015-10-22 23", "2015-10-22T23:59:58": seconds since 1970; a
// longer number is that already.
std::optional<std::string> in_seconds(std::string_view date) {
  constexpr std::string_view digits = "0123456789";
  if (date.size() > 4 && date.find_first_not_of(digits) == std::string_view::npos)
    return std::string(date);
  std::array<int, 6> parts{0, 1, 1, 0, 0, 0};
  constexpr std::string_view separators = "--T::";
  for (std::size_t i = 0;; ++i) {
    const std::string_view number = date.substr(0, i == 0 ? 4 : 2);
    const auto value = to_number(number);
    if (!value || number.size() != (i == 0 ? 4u : 2u)) return std::nullopt;
    parts[i] = static_cast<int>(*value);
    date.remove_prefix(number.size());
    if (date.empty()) break;
    const char c = date[0] == ' ' ? 'T' : date[0];
    if (i == separators.size() || c != separators[i]) return std::nullopt;
    date.remove_prefix(1);
  }
  const std::chrono::year_month_day day{std::chrono::year(parts[0]),
                                        std::chrono::month(static_cast<unsigned>(parts[1])),
                                        std::chrono::day(static_cast<unsigned>(parts[2]))};
  if (!day.ok() || parts[3] > 23 || parts[4] > 59 || parts[5] > 60) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(day).time_since_epoch().count();
  return std::to_string(days * 86400 + parts[3] * 3600 + parts[4] * 60 + parts[5]);
}

// A condition on a number with dates in it, such as ">2015-10-22" or "2015<>2016-06".
Status add_date(Builder& b, std::string_view v, std::string_view name) {
  const auto integer = b.catalogue().integer(name);
  if (!integer) return fail(ErrorCode::unsupported, "nothing reads certificates yet");
  std::string numbers;
  constexpr std::string_view operators = "<>=!";
  while (!v.empty()) {
    const auto at = std::min(v.find_first_of(operators), v.size());
    if (const std::string_view date = trim(v.substr(0, at)); !date.empty()) {
      const auto seconds = in_seconds(date);
      if (!seconds)
        return fail(ErrorCode::parse, fmt::format("\"{}\" is not a date", date),
                    "write it as 2015-10-22 or 2015-10-22T23:59:59");
      numbers += *seconds;
    }
    if (at < v.size()) numbers += v[at];
    v.remove_prefix(std::min(at + 1, v.size()));
  }
  AppInteger out{.id = *integer, .match = {}};
  CHIENG_TRY(out.match, parse_integer(numbers, ~std::uint64_t{0}));
  b.rule().tx_conditions.push_back({std::move(out), b.option_index(), false});
  return {};
}
Status parse_not_before(Builder& b, std::string_view v) {
  return add_date(b, v, "tls.cert_notbefore");
}
Status parse_not_after(Builder& b, std::string_view v) {
  return add_date(b, v, "tls.cert_notafter");
}

constexpr std::array kKeywords = {
    Keyword{"ssl_state", Value::required, parse_state},
    Keyword{"tls_cert_expired", Value::none, parse_period<kExpired>},
    Keyword{"tls_cert_valid", Value::none, parse_period<kValid>},
    Keyword{"tls_cert_notbefore", Value::required, parse_not_before},
    Keyword{"tls_cert_notafter", Value::required, parse_not_after},
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
