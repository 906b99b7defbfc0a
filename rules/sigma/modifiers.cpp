#include "rules/sigma/modifiers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/sigma/fold.h"

namespace chieng::sigma {
namespace {

constexpr std::size_t most_expansions = 10'000;

struct NamedComparison {
  std::string_view name;
  Comparison value;
};
constexpr NamedComparison comparisons[] = {{"lt", Comparison::less},
                                           {"lte", Comparison::less_equal},
                                           {"gt", Comparison::greater},
                                           {"gte", Comparison::greater_equal}};
struct NamedPart {
  std::string_view name;
  TimePart value;
};
constexpr NamedPart parts[] = {{"minute", TimePart::minute}, {"hour", TimePart::hour},
                               {"day", TimePart::day},       {"week", TimePart::week},
                               {"month", TimePart::month},   {"year", TimePart::year}};

bool set_regex_flag(std::string_view name, matching::RegexFlags& flags) {
  if (name == "i" || name == "ignorecase")
    flags.caseless = true;
  else if (name == "m" || name == "multiline")
    flags.multiline = true;
  else if (name == "s" || name == "dotall")
    flags.dotall = true;
  else
    return false;
  return true;
}

bool set_text_modifier(std::string_view name, Modifiers& out) {
  if (name == "contains")
    out.placement = Placement::anywhere;
  else if (name == "startswith")
    out.placement = Placement::start;
  else if (name == "endswith")
    out.placement = Placement::end;
  else if (name == "cased")
    out.cased = true;
  else if (name == "windash")
    out.windash = true;
  else if (name == "expand")
    out.expand = true;
  else if (name == "all")
    out.all = true;
  else if (name == "neq")
    out.negate = true;
  else
    return false;
  return true;
}

bool set_encoding(std::string_view name, Modifiers& out) {
  if (name == "wide" || name == "utf16le")
    out.encoding = Encoding::utf16le;
  else if (name == "utf16be")
    out.encoding = Encoding::utf16be;
  else if (name == "utf16")
    out.encoding = Encoding::utf16;
  else if (name == "base64")
    out.base64 = Base64::whole;
  else if (name == "base64offset")
    out.base64 = Base64::any_offset;
  else
    return false;
  return true;
}

bool set_kind(std::string_view name, Modifiers& out) {
  if (name == "re")
    out.regex = true;
  else if (name == "cidr")
    out.network = true;
  else if (name == "exists")
    out.exists = true;
  else if (name == "fieldref")
    out.other_field = true;
  else if (const auto* c = std::ranges::find(comparisons, name, &NamedComparison::name);
           c != std::end(comparisons))
    out.comparison = c->value;
  else if (const auto* p = std::ranges::find(parts, name, &NamedPart::name); p != std::end(parts))
    out.part = p->value;
  else
    return false;
  return true;
}

std::unexpected<Error> refuse(std::string text) {
  return fail(ErrorCode::parse, std::move(text));
}

// What the order of the names says beyond their presence.
Status check_order(const std::vector<std::string_view>& names) {
  const auto place = [&](auto... wanted) {
    return std::ranges::find_if(names, [&](auto n) { return ((n == wanted) || ...); }) -
           names.begin();
  };
  const auto size = static_cast<std::ptrdiff_t>(names.size());
  const auto base64 = place("base64", "base64offset"),
             wide = place("wide", "utf16le", "utf16be", "utf16");
  const auto placed = place("contains", "startswith", "endswith"), regex = place("re");
  if (wide < size && (base64 == size || base64 < wide))
    return refuse(
        "an encoding (wide, utf16le, utf16be, utf16) has to be followed by base64 or base64offset");
  if (base64 < size && placed < base64)
    return refuse("base64 and base64offset stand before contains, startswith and endswith");
  if (base64 < size && place("windash") < size)
    return refuse("windash and base64 cannot be combined");
  for (std::ptrdiff_t i = 0; i < regex && regex < size; ++i)
    if (names[static_cast<std::size_t>(i)] != "all" && names[static_cast<std::size_t>(i)] != "neq")
      return refuse("re has to be the first modifier");
  return {};
}

Status check_combination(const Modifiers& m, bool keyword) {
  const int kinds = int{m.regex} + int{m.network} + int{m.exists} + int{m.other_field} +
                    int{m.comparison || m.part};
  const bool text_only = m.windash || m.base64 != Base64::none || m.expand;
  if (kinds > 1)
    return refuse(
        "these modifiers ask for different kinds of tests: re, cidr, exists, fieldref, lt…, "
        "minute…");
  if (!m.textual() && text_only)
    return refuse("windash, base64 and expand change text, which this test does not look for");
  if (!m.textual() && !m.regex && !m.other_field && m.placement != Placement::whole)
    return refuse("contains, startswith and endswith need text, which this test does not look for");
  if (m.exists && (m.all || m.negate || m.cased)) return refuse("exists stands alone");
  if (keyword && (m.network || m.exists || m.other_field || m.comparison || m.part || m.negate))
    return refuse("cidr, exists, fieldref, neq and comparisons need a field; this is a keyword");
  return {};
}

std::string to_utf16(std::string_view text, Encoding encoding) {
  std::string out;
  const bool big = encoding == Encoding::utf16be;
  const auto put = [&](std::uint32_t unit) {
    const char high = static_cast<char>(unit >> 8 & 0xFF), low = static_cast<char>(unit & 0xFF);
    out.push_back(big ? high : low);
    out.push_back(big ? low : high);
  };
  if (encoding == Encoding::utf16) put(0xFEFF);
  for (std::size_t i = 0; i < text.size();) {
    const Character c = character_at(text, i);
    i += c.size;
    if (c.value < 0x10000) {
      put(c.value);
    } else {
      put(0xD800 + ((c.value - 0x10000) >> 10));
      put(0xDC00 + ((c.value - 0x10000) & 0x3FF));
    }
  }
  return out;
}

// The text as it looks inside base64 whose encoding began 0, 1 or 2 bytes before it: only the
// characters that depend on nothing but the text.
std::vector<std::string> base64_offsets(std::string_view bytes) {
  constexpr std::array<std::size_t, 3> front{0, 2, 3}, back{0, 3, 2};
  std::vector<std::string> out;
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string encoded = to_base64(as_bytes(std::string(i, ' ') + std::string(bytes)));
    const std::size_t cut = front[i] + back[(bytes.size() + i) % 3];
    if (encoded.size() > cut) out.push_back(encoded.substr(front[i], encoded.size() - cut));
  }
  return out;
}

Result<std::vector<TextPattern>> encoded_patterns(std::string_view value,
                                                  const Modifiers& modifiers) {
  const TextPattern written = TextPattern::parse(value);
  if (!written.plain())
    return refuse(fmt::format("\"{}\": a value that is encoded cannot hold wildcards", value));
  std::string bytes = written.text();
  if (modifiers.encoding != Encoding::none) bytes = to_utf16(bytes, modifiers.encoding);
  std::vector<std::string> texts;
  if (modifiers.base64 == Base64::whole)
    texts.push_back(to_base64(as_bytes(bytes)));
  else
    texts = base64_offsets(bytes);
  if (texts.empty()) return refuse(fmt::format("\"{}\" is too short for base64offset", value));
  std::vector<TextPattern> out;
  for (const std::string& text : texts) out.push_back(TextPattern::literal(text));
  return out;
}

}  // namespace

Result<Modifiers> parse_modifiers(const std::vector<std::string_view>& names, bool keyword) {
  Modifiers out;
  for (const std::string_view name : names) {
    const bool known =
        set_text_modifier(name, out) || set_encoding(name, out) || set_kind(name, out);
    if (!known && !(out.regex && set_regex_flag(name, out.regex_flags)))
      return refuse(
          fmt::format("\"{}\" is not a modifier{}", name,
                      name == "i" || name == "m" || name == "s" ? " without re before it" : ""));
  }
  CHIENG_CHECK(check_order(names));
  CHIENG_CHECK(check_combination(out, keyword));
  return out;
}

Result<std::vector<ValuePattern>> text_patterns(std::string_view value, const Modifiers& modifiers,
                                                bool keyword) {
  std::vector<TextPattern> patterns{TextPattern::parse(value)};
  if (modifiers.base64 != Base64::none) {
    CHIENG_TRY(patterns, encoded_patterns(value, modifiers));
  }
  const bool cased = modifiers.cased || modifiers.base64 != Base64::none;
  std::vector<ValuePattern> out;
  for (TextPattern& pattern : patterns) {
    if (modifiers.windash) pattern.spread_dashes();
    if (keyword || modifiers.placement == Placement::anywhere ||
        modifiers.placement == Placement::end)
      pattern.open_front();
    if (keyword || modifiers.placement == Placement::anywhere ||
        modifiers.placement == Placement::start)
      pattern.open_back();
    if (!cased) pattern.fold();
    out.push_back({std::move(pattern), cased});
  }
  return out;
}

Result<std::vector<std::string>> expand_placeholders(
    std::string_view value, const std::map<std::string, std::vector<std::string>>& lists) {
  std::vector<std::string> out{""};
  const auto append = [&](std::string_view text) {
    for (std::string& s : out) s += text;
  };
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\' && i + 1 < value.size() && value[i + 1] == '%') {
      append("%");
      ++i;
      continue;
    }
    const std::size_t end = value[i] == '%' ? value.find('%', i + 1) : value.npos;
    if (end == value.npos || end == i + 1) {
      append(value.substr(i, 1));
      continue;
    }
    const std::string name(value.substr(i + 1, end - i - 1));
    const auto list = lists.find(name);
    if (list == lists.end() || list->second.empty())
      return fail(ErrorCode::not_found,
                  fmt::format("%{}%: no values are set for this placeholder", name));
    std::vector<std::string> longer;
    if (out.size() * list->second.size() > most_expansions)
      return fail(ErrorCode::limit,
                  fmt::format("more than {} values after expansion", most_expansions));
    for (const std::string& head : out)
      for (const std::string& text : list->second) longer.push_back(head + text);
    out = std::move(longer);
    i = end;
  }
  return out;
}

}  // namespace chieng::sigma
