// pcre.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/suricata/keywords/keywords.h"
#include "rules/suricata/text.h"

namespace chieng::suricata::keywords {
namespace {

struct Parsed {
  std::string_view pattern, flags, captures;
};

Result<Parsed> cut(std::string_view v) {
  v = unquoted(v);
  if (v.size() < 2 || v.front() != '/')
    return fail(ErrorCode::parse, "the expression has to stand between slashes",
                v.starts_with("\"/") ? "a semicolon inside has to be written as \\; or \\x3b"
                                     : "write pcre:\"/expression/flags\";");
  Parsed out;
  const auto end = v.rfind('/');  // neither flags nor names of captures hold a slash
  if (end == 0) return fail(ErrorCode::parse, "the expression has no closing slash");
  out.pattern = v.substr(1, end - 1);
  out.flags = v.substr(end + 1);
  if (const auto comma = out.flags.find(','); comma != std::string_view::npos) {
    out.captures = trim(out.flags.substr(comma + 1));
    out.flags = trim(out.flags.substr(0, comma));
  }
  return out;
}

struct Flags {
  matching::RegexFlags regex;
  bool relative = false;
  char letter = 0;
};

Result<Flags> parse_flags(const Catalogue& catalogue, std::string_view text) {
  static constexpr std::string_view kBufferLetters = "UIPQHDMCSYVWZ";
  Flags out;
  for (const char c : text) {
    switch (c) {
      case 'i':
        out.regex.caseless = true;
        break;
      case 's':
        out.regex.dotall = true;
        break;
      case 'm':
        out.regex.multiline = true;
        break;
      case 'x':
        out.regex.extended = true;
        break;
      case 'A':
        out.regex.anchored = true;
        break;
      case 'E':
        out.regex.dollar_end_only = true;
        break;
      case 'G':
        out.regex.ungreedy = true;
        break;
      case 'R':
        out.relative = true;
        break;
      case 'B':
      case 'O':
        break;
      default:
        if (!catalogue.buffer_by_pcre_letter(c)) {
          if (kBufferLetters.find(c) != std::string_view::npos)
            return fail(
                ErrorCode::unsupported,
                fmt::format("flag {} means a buffer of http, which is not supported yet", c));
          return fail(ErrorCode::parse, fmt::format("'{}' is not a flag of pcre", c));
        }
        if (out.letter != 0 && out.letter != c)
          return fail(ErrorCode::parse,
                      fmt::format("flags {} and {} mean two buffers", out.letter, c));
        out.letter = c;
    }
  }
  return out;
}

Result<std::shared_ptr<const matching::Regex>> compiled(Builder& b, std::string_view pattern,
                                                        matching::RegexFlags flags) {
  const std::string key =
      fmt::format("{:d}{:d}{:d}{:d}{:d}{:d}{:d}{}", flags.caseless, flags.multiline, flags.dotall,
                  flags.extended, flags.anchored, flags.dollar_end_only, flags.ungreedy, pattern);
  auto& known = b.context().regexes[key];
  if (!known) {
    auto made = matching::Regex::compile(pattern, flags);
    if (!made) {
      b.context().regexes.erase(key);
      return std::unexpected(std::move(made).error());
    }
    known = std::make_shared<const matching::Regex>(std::move(*made));
  }
  return known;
}

// Named groups (?P<flow_x>…), (?P<pkt_x>…).
void named_captures(std::string_view pattern, RegexStep& step) {
  using Kind = RegexStep::Capture::Kind;
  for (const auto& [prefix, kind] : {std::pair<std::string_view, Kind>{"(?P<flow_", Kind::flow},
                                     {"(?P<pkt_", Kind::packet},
                                     {"(?P<alert_", Kind::alert}}) {
    for (auto at = pattern.find(prefix); at != std::string_view::npos;
         at = pattern.find(prefix, at + 1)) {
      const auto begin = at + prefix.size();
      const auto end = pattern.find('>', begin);
      if (end == std::string_view::npos) break;
      const auto whole = pattern.substr(at + 4, end - at - 4);
      step.captures.push_back(
          {kind, std::string(pattern.substr(begin, end - begin)), step.regex->group_number(whole)});
    }
  }
}

Status listed_captures(std::string_view text, RegexStep& step) {
  using Kind = RegexStep::Capture::Kind;
  unsigned group = 0;
  for (const std::string_view piece : split(text, ',')) {
    const auto colon = piece.find(':');
    const auto kind = piece.substr(0, colon);
    if (colon == std::string_view::npos || (kind != "flow" && kind != "pkt" && kind != "alert"))
      return fail(ErrorCode::unsupported, fmt::format("\"{}\" is not a capture", piece),
                  "write flow:name, pkt:name or alert:name");
    step.captures.push_back({kind == "flow"  ? Kind::flow
                             : kind == "pkt" ? Kind::packet
                                             : Kind::alert,
                             std::string(trim(piece.substr(colon + 1))), ++group});
  }
  if (group > step.regex->groups())
    return fail(ErrorCode::parse,
                fmt::format("{} captures are named, but the expression has {} groups", group,
                            step.regex->groups()));
  return {};
}

// An expression with a capital letter can never match in a buffer that is lower case throughout.
Status check_lower(const Catalogue& catalogue, BufferId buffer, std::string_view pattern,
                   bool caseless) {
  if (!catalogue.spec(buffer).lowercase || caseless) return {};
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\')
      ++i;
    else if (pattern[i] >= 'A' && pattern[i] <= 'Z')
      return fail(ErrorCode::parse,
                  fmt::format("buffer {} is always lower case, but the expression has '{}'",
                              catalogue.spec(buffer).name, pattern[i]),
                  "write it in lower case");
  }
  return {};
}

Status parse_pcre(Builder& b, std::string_view v) {
  Step step;
  step.negated = b.negate(v);
  CHIENG_TRY(const Parsed parsed, cut(v));
  CHIENG_TRY(const Flags flags, parse_flags(b.catalogue(), parsed.flags));
  RegexStep regex;
  CHIENG_TRY(regex.regex, compiled(b, parsed.pattern, flags.regex));
  regex.relative = flags.relative;
  if (!parsed.captures.empty())
    CHIENG_CHECK(listed_captures(parsed.captures, regex));
  else
    named_captures(parsed.pattern, regex);
  step.what = std::move(regex);
  if (flags.letter == 0) {
    b.add(std::move(step));
    return {};
  }
  const BufferId buffer = *b.catalogue().buffer_by_pcre_letter(flags.letter);
  CHIENG_CHECK(check_lower(b.catalogue(), buffer, parsed.pattern, flags.regex.caseless));
  return b.add_regex_to(buffer, std::move(step));
}

constexpr std::array kKeywords = {Keyword{"pcre", Value::required, parse_pcre}};

}  // namespace

std::span<const Keyword> regex() {
  return kKeywords;
}

}  // namespace chieng::suricata::keywords
