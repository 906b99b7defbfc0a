// What is done to a buffer before its contents are looked for.
#include <fmt/format.h>

#include <array>

#include "rules/suricata/keywords/keywords.h"
#include "rules/suricata/text.h"

namespace chieng::suricata::keywords {
namespace {

template <TransformKind kind>
Status plain(Builder& b, std::string_view) {
  return b.add_transform({.kind = kind});
}

Status parse_xor(Builder& b, std::string_view v) {
  Transform t{.kind = TransformKind::xor_key};
  for (const std::string_view part : split(v, ',')) {
    if (part.starts_with("offset")) {
      const auto n = to_number(part.substr(6));
      if (!n || *n > 0xffffffffu)
        return fail(ErrorCode::parse, fmt::format("\"{}\" is not an offset", part));
      t.a = static_cast<std::int64_t>(*n);
    } else if (part.starts_with("extract")) {
      const auto numbers = words(part.substr(7));
      const auto size = numbers.size() == 2 ? to_number(numbers[0]) : std::nullopt;
      const auto at = numbers.size() == 2 ? to_number(numbers[1]) : std::nullopt;
      if (!size || !at || *size == 0 || *size > 255 || *at > 0xffffffffu)
        return fail(ErrorCode::parse, fmt::format("\"{}\" is not extract LENGTH OFFSET", part));
      t.flag = true;
      t.has_b = true;
      t.b = static_cast<std::int64_t>(*size << 32 | *at);
    } else if (!from_hex(unquoted(part), t.text) || t.text.empty()) {
      return fail(ErrorCode::parse, fmt::format("{} is not a key in hexadecimal digits", part),
                  "write xor:\"0d0ac8ff\";");
    }
  }
  if (t.text.empty() && !t.flag) return fail(ErrorCode::parse, "xor needs a key");
  return b.add_transform(std::move(t));
}

Status parse_pcrexform(Builder& b, std::string_view v) {
  Transform t{.kind = TransformKind::pcrexform, .text = std::string(unquoted(v))};
  CHIENG_TRY(matching::Regex regex, matching::Regex::compile(t.text, {}));
  if (regex.groups() < 1)
    return fail(ErrorCode::parse,
                "the expression needs one group in brackets: what it holds is kept");
  t.regex = std::make_shared<const matching::Regex>(std::move(regex));
  return b.add_transform(std::move(t));
}

Status parse_from_base64(Builder& b, std::string_view v) {
  Transform t{.kind = TransformKind::from_base64};
  if (!v.empty())
    for (const std::string_view part : split(v, ',')) {
      const auto parts = words(part);
      const auto n = parts.size() == 2 ? to_number(parts[1]) : std::nullopt;
      if (parts.size() == 2 && parts[0] == "bytes" && n && *n > 0 && *n <= 65535)
        t.b = static_cast<std::int64_t>(*n), t.has_b = true;
      else if (parts.size() == 2 && parts[0] == "offset" && n && *n <= 65535)
        t.a = static_cast<std::int64_t>(*n);
      else if (parts.size() == 2 && parts[0] == "mode") {
        t.text = lower(parts[1]);
        t.flag = t.text == "strict";
        if (t.text != "rfc4648" && t.text != "rfc2045" && t.text != "strict")
          return fail(ErrorCode::parse, fmt::format("mode {} is not known", parts[1]),
                      "use rfc4648, rfc2045 or strict");
      } else
        return fail(ErrorCode::parse, fmt::format("\"{}\" is not known here", part));
    }
  return b.add_transform(std::move(t));
}

template <TransformKind kind>
Status parse_inflate(Builder& b, std::string_view v) {
  Transform t{.kind = kind};
  t.a = 1024;
  if (!v.empty()) {
    const auto parts = words(v);
    const auto n = parts.size() == 2 && parts[0] == "max-size" ? to_number(parts[1]) : std::nullopt;
    if (!n || *n == 0 || *n > (1u << 20))
      return fail(ErrorCode::parse,
                  fmt::format("\"{}\" is not max-size and a number up to 1048576", v));
    t.a = static_cast<std::int64_t>(*n);
  }
  return b.add_transform(std::move(t));
}

Status parse_subslice(Builder& b, std::string_view v) {
  Transform t{.kind = TransformKind::subslice};
  auto parts = split(v, ',');
  if (!parts.empty() && parts.back() == "truncate") {
    t.flag = true;
    parts.pop_back();
  }
  const auto first = parts.empty() ? std::nullopt : to_signed(parts[0]);
  const auto second = parts.size() == 2 ? to_signed(parts[1]) : std::nullopt;
  if (!first || parts.size() > 2 || (parts.size() == 2 && !second))
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not subslice OFFSET, LENGTH", v));
  t.a = *first;
  t.has_b = second.has_value();
  t.b = second.value_or(0);
  return b.add_transform(std::move(t));
}

constexpr std::array kKeywords = {
    Keyword{"dotprefix", Value::none, plain<TransformKind::dotprefix>},
    Keyword{"to_lowercase", Value::none, plain<TransformKind::to_lowercase>},
    Keyword{"to_uppercase", Value::none, plain<TransformKind::to_uppercase>},
    Keyword{"url_decode", Value::none, plain<TransformKind::url_decode>},
    Keyword{"strip_whitespace", Value::none, plain<TransformKind::strip_whitespace>},
    Keyword{"compress_whitespace", Value::none, plain<TransformKind::compress_whitespace>},
    Keyword{"to_md5", Value::none, plain<TransformKind::md5>},
    Keyword{"to_sha1", Value::none, plain<TransformKind::sha1>},
    Keyword{"to_sha256", Value::none, plain<TransformKind::sha256>},
    Keyword{"header_lowercase", Value::none, plain<TransformKind::header_lowercase>},
    Keyword{"strip_pseudo_headers", Value::none, plain<TransformKind::strip_pseudo_headers>},
    Keyword{"xor", Value::required, parse_xor},
    Keyword{"pcrexform", Value::required, parse_pcrexform},
    Keyword{"from_base64", Value::optional, parse_from_base64},
    Keyword{"gunzip", Value::optional, parse_inflate<TransformKind::gunzip>},
    Keyword{"zlib_deflate", Value::optional, parse_inflate<TransformKind::zlib>},
    Keyword{"subslice", Value::required, parse_subslice},
};

}  // namespace

std::span<const Keyword> transforms() {
  return kKeywords;
}

}  // namespace chieng::suricata::keywords
