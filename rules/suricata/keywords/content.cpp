// content and what modifies it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "rules/suricata/keywords/keywords.h"
#include "rules/suricata/text.h"

namespace chieng::suricata::keywords {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

Status append_hex(std::string_view text, std::string& out) {
  int high = -1;
  for (const char c : text) {
    if (c == ' ' || c == ',' || c == '\t') continue;
    const int digit = hex_digit(c);
    if (digit < 0)
      return fail(ErrorCode::parse,
                  fmt::format("'{}' between | and | is not a hexadecimal digit", c));
    if (high >= 0) out += static_cast<char>(high << 4 | digit);
    high = high >= 0 ? -1 : digit;
  }
  if (high >= 0)
    return fail(ErrorCode::parse, "an odd number of hexadecimal digits stands between | and |");
  return {};
}

// A byte that is seldom in most traffic is the one to look for first.
std::size_t rare_position(std::string_view bytes) {
  const auto commonness = [](unsigned char c) {
    if (c == 0 || c == ' ' || c == 0xff) return 9;
    if (std::string_view("etaoinsrhdlcu").find(static_cast<char>(c)) != std::string_view::npos)
      return 8;
    if (std::islower(c) != 0 || c == '/' || c == '.' || c == '\r' || c == '\n') return 6;
    if (std::isdigit(c) != 0 || c == '=' || c == '-' || c == ':') return 5;
    if (c < 0x20) return 4;
    return std::isupper(c) != 0 ? 3 : 1;
  };
  const auto at = std::ranges::min_element(
      bytes, {}, [&](char c) { return commonness(static_cast<unsigned char>(c)); });
  return static_cast<std::size_t>(at - bytes.begin());
}

Status parse_content(Builder& b, std::string_view v) {
  Step step;
  step.negated = b.negate(v);
  if (v.size() < 2 || v.front() != '"' || v.back() != '"')
    return fail(ErrorCode::parse, "the text has to stand in quotes", "write content:\"text\";");
  Content c;
  CHIENG_TRY(c.bytes, pattern_bytes(v.substr(1, v.size() - 2)));
  if (c.bytes.empty()) return fail(ErrorCode::parse, "the text is empty");
  if (c.bytes.size() > 4096) return fail(ErrorCode::limit, "the text has more than 4096 bytes");
  c.rare = rare_position(c.bytes);
  step.what = std::move(c);
  b.add(std::move(step));
  return {};
}

Status parse_uricontent(Builder& b, std::string_view v) {
  const auto buffer = b.catalogue().buffer("http.uri");
  if (!buffer) return fail(ErrorCode::unsupported, "protocol http is not supported yet");
  CHIENG_CHECK(parse_content(b, v));
  return b.move_last_content(*buffer, "http.uri");
}

Status parse_nocase(Builder& b, std::string_view) {
  CHIENG_TRY(Content * c, b.last_content());
  c->nocase = true;
  c->bytes = lower(c->bytes);
  return {};
}

Status no_mix(const Content& c, bool absolute) {
  if (absolute ? c.relative() : (c.has_offset || c.has_depth || c.starts))
    return fail(
        ErrorCode::parse,
        "offset, depth and startswith cannot be combined with distance and within on one content");
  return {};
}

Status parse_offset(Builder& b, std::string_view v) {
  CHIENG_TRY(Content * c, b.last_content());
  CHIENG_CHECK(no_mix(*c, true));
  if (c->starts) return fail(ErrorCode::parse, "offset cannot be combined with startswith");
  if (c->has_offset) return fail(ErrorCode::parse, "the content has an offset already");
  CHIENG_TRY(c->offset, b.number_or_variable(v, 0, 65535));
  c->has_offset = true;
  return {};
}

Status parse_depth(Builder& b, std::string_view v) {
  CHIENG_TRY(Content * c, b.last_content());
  CHIENG_CHECK(no_mix(*c, true));
  if (c->starts) return fail(ErrorCode::parse, "depth cannot be combined with startswith");
  if (c->has_depth) return fail(ErrorCode::parse, "the content has a depth already");
  CHIENG_TRY(c->depth, b.number_or_variable(v, 0, 65535));
  if (c->depth.variable < 0 && static_cast<std::size_t>(c->depth.value) < c->bytes.size())
    return fail(ErrorCode::parse,
                fmt::format("depth {} is smaller than the content's {} bytes: it could never match",
                            c->depth.value, c->bytes.size()));
  c->has_depth = true;
  return {};
}

Status parse_distance(Builder& b, std::string_view v) {
  CHIENG_TRY(Content * c, b.last_content());
  CHIENG_CHECK(no_mix(*c, false));
  if (c->has_distance) return fail(ErrorCode::parse, "the content has a distance already");
  CHIENG_TRY(c->distance, b.number_or_variable(v, -1048576, 1048576));
  c->has_distance = true;
  return {};
}

Status parse_within(Builder& b, std::string_view v) {
  CHIENG_TRY(Content * c, b.last_content());
  CHIENG_CHECK(no_mix(*c, false));
  if (c->has_within) return fail(ErrorCode::parse, "the content has a within already");
  CHIENG_TRY(c->within, b.number_or_variable(v, -1048576, 1048576));
  if (c->within.variable < 0 && c->within.value < static_cast<std::int64_t>(c->bytes.size()))
    return fail(
        ErrorCode::parse,
        fmt::format("within {} is smaller than the content's {} bytes: it could never match",
                    c->within.value, c->bytes.size()));
  c->has_within = true;
  return {};
}

Status parse_startswith(Builder& b, std::string_view) {
  CHIENG_TRY(Content * c, b.last_content());
  CHIENG_CHECK(no_mix(*c, true));
  if (c->has_offset || c->has_depth || c->starts)
    return fail(ErrorCode::parse,
                "startswith cannot be combined with offset, depth or another startswith");
  c->starts = true;
  c->has_offset = c->has_depth = true;
  c->offset = {0, -1};
  c->depth = {static_cast<std::int64_t>(c->bytes.size()), -1};
  return {};
}

Status parse_endswith(Builder& b, std::string_view) {
  CHIENG_TRY(Content * c, b.last_content());
  c->ends = true;
  return {};
}

Status parse_fast_pattern(Builder& b, std::string_view v) {
  CHIENG_TRY(Content * c, b.last_content());
  c->fast = true;
  if (v.empty()) return {};
  if (v == "only") {
    if (c->relative() || c->has_offset || c->has_depth)
      return fail(ErrorCode::parse, "fast_pattern:only cannot be combined with a position");
    c->only = true;
    return {};
  }
  const auto parts = split(v, ',');
  const auto at = parts.size() == 2 ? to_number(parts[0]) : std::nullopt;
  const auto size = parts.size() == 2 ? to_number(parts[1]) : std::nullopt;
  if (!at || !size || *size == 0 || *at > c->bytes.size() || *size > c->bytes.size() - *at)
    return fail(ErrorCode::parse,
                fmt::format("\"{}\" is not a part of the content's {} bytes", v, c->bytes.size()));
  return {};
}

Status parse_rawbytes(Builder& b, std::string_view) {
  CHIENG_CHECK(b.last_content());
  return {};
}

Status parse_pkt_data(Builder& b, std::string_view) {
  b.select_payload();
  return {};
}

Status parse_absent(Builder& b, std::string_view v) {
  if (!v.empty() && v != "or_else")
    return fail(ErrorCode::parse, fmt::format("absent takes nothing or or_else, not \"{}\"", v));
  if (!b.in_sticky_buffer())
    return fail(ErrorCode::parse, "absent has to follow the name of a buffer");
  List& list = b.list();
  list.absent = true;
  list.absent_or = v == "or_else";
  return {};
}

constexpr std::array kKeywords = {
    Keyword{"content", Value::required, parse_content},
    Keyword{"uricontent", Value::required, parse_uricontent},
    Keyword{"nocase", Value::none, parse_nocase},
    Keyword{"offset", Value::required, parse_offset},
    Keyword{"depth", Value::required, parse_depth},
    Keyword{"distance", Value::required, parse_distance},
    Keyword{"within", Value::required, parse_within},
    Keyword{"startswith", Value::none, parse_startswith},
    Keyword{"endswith", Value::none, parse_endswith},
    Keyword{"fast_pattern", Value::optional, parse_fast_pattern},
    Keyword{"rawbytes", Value::none, parse_rawbytes},
    Keyword{"pkt_data", Value::none, parse_pkt_data},
    Keyword{"absent", Value::optional, parse_absent},
};

}  // namespace

std::span<const Keyword> content() {
  return kKeywords;
}

Result<std::string> pattern_bytes(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '|') {
      const auto end = text.find('|', i + 1);
      if (end == std::string_view::npos) return fail(ErrorCode::parse, "a '|' is not closed");
      CHIENG_CHECK(append_hex(text.substr(i + 1, end - i - 1), out));
      i = end;
    } else if (c == '\\') {
      if (i + 1 >= text.size() ||
          std::string_view(":;\\\"").find(text[i + 1]) == std::string_view::npos)
        return fail(ErrorCode::parse, "a backslash may only stand before : ; \\ and \"",
                    "write other bytes as |5c|");
      out += text[++i];
    } else if (c == '"') {
      return fail(ErrorCode::parse, "a quote inside the text has to be written \\\"");
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace chieng::suricata::keywords
