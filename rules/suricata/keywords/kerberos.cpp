// krb5.ticket_encryption: algorithms by name or number, or "weak".
#include <fmt/format.h>

#include <array>
#include <charconv>

#include "rules/suricata/keywords/keywords.h"
#include "rules/suricata/text.h"

namespace chieng::suricata::keywords {
namespace {

// AES (RFC 3962, RFC 8009) and Camellia (RFC 6803); everything else is weak.
constexpr std::array<std::uint64_t, 6> kStrong = {17, 18, 19, 20, 25, 26};

Result<std::uint64_t> encryption(std::string_view text, const IntegerSpec& spec) {
  for (const NamedValue& n : spec.names)
    if (same_word(n.name, text)) return n.value;
  std::int32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not an encryption of Kerberos", text),
                "use weak, a number, or a name such as rc4-hmac");
  return static_cast<std::uint32_t>(number);
}

Status parse_ticket_encryption(Builder& b, std::string_view v) {
  const auto integer = b.catalogue().integer("krb5.ticket_encryption");
  if (!integer) return fail(ErrorCode::unsupported, "nothing reads protocol krb5 yet");
  AppValues out{*integer, {}, {}};
  const bool negated = b.negate(v);
  v = trim(v);
  if (v == "weak") {
    (negated ? out.any_of : out.none_of).assign(kStrong.begin(), kStrong.end());
  } else {
    for (const std::string_view part : split(v, ',')) {
      CHIENG_TRY(const std::uint64_t value, encryption(trim(part), b.catalogue().spec(*integer)));
      (negated ? out.none_of : out.any_of).push_back(value);
    }
  }
  b.need_direction(Direction::to_client);
  b.rule().tx_conditions.push_back({std::move(out), b.option_index(), false});
  return {};
}

constexpr std::array kKeywords = {
    Keyword{"krb5.ticket_encryption", Value::required, parse_ticket_encryption},
};

}  // namespace

std::span<const Keyword> kerberos() {
  return kKeywords;
}

}  // namespace chieng::suricata::keywords
