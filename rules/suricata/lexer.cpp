#include "rules/suricata/lexer.h"

#include <fmt/format.h>

#include <algorithm>

#include "rules/suricata/text.h"

namespace chieng::suricata {
namespace {

constexpr std::size_t kRuleLimit = 8192;
constexpr std::array<std::string_view, 9> kActions = {
    "alert", "pass", "drop", "reject", "rejectsrc", "rejectdst", "rejectboth", "config", "log"};

bool looks_like_rule(std::string_view text) {
  const auto first = words(text.substr(0, text.find('(')));
  return first.size() >= 4 && text.find("sid:") != std::string_view::npos &&
         std::ranges::any_of(kActions,
                             [&](std::string_view a) { return same_word(a, first.front()); });
}

std::string_view next_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

Status check_bytes(std::string_view text) {
  if (text.size() > kRuleLimit)
    return fail(ErrorCode::limit, fmt::format("the rule has {} bytes; at most {} are allowed",
                                              text.size(), kRuleLimit));
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if ((u < 0x20 && c != '\t' && c != '\n' && c != '\r') || u == 0x7f)
      return fail(ErrorCode::parse, fmt::format("the rule holds the control byte 0x{:02x}", u));
  }
  return {};
}

// Header fields are split at blanks outside of brackets.
std::vector<std::string> header_fields(std::string_view text) {
  std::vector<std::string> out(1);
  int depth = 0;
  for (const char c : text) {
    if (c == '[') ++depth;
    if (c == ']') --depth;
    const bool blank = c == ' ' || c == '\t' || c == '\n';
    if (!blank)
      out.back() += c;
    else if (depth <= 0 && !out.back().empty())
      out.emplace_back();
  }
  if (out.back().empty()) out.pop_back();
  return out;
}

Status lex_options(std::string_view text, std::size_t base, std::vector<RawOption>& out) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const bool end = i == text.size();
    if (!end && (text[i] != ';' || (i > 0 && text[i - 1] == '\\'))) continue;
    const std::string_view whole = text.substr(begin, i - begin);
    const std::string_view piece = trim(whole);
    const auto column =
        static_cast<int>(base + begin + static_cast<std::size_t>(piece.data() - whole.data()) + 1);
    begin = i + 1;
    if (piece.empty()) continue;
    if (end)
      return fail(ErrorCode::parse,
                  fmt::format("the last option \"{}\" does not end in ';'", piece.substr(0, 60)));
    RawOption option;
    const auto colon = piece.find(':');
    option.name = lower(trim(piece.substr(0, colon)));
    option.has_value = colon != std::string_view::npos;
    if (option.has_value) option.value = trim(piece.substr(colon + 1));
    option.column = column;
    out.push_back(std::move(option));
  }
  return {};
}

}  // namespace

std::vector<RuleLine> rule_lines(std::string_view text, bool disabled) {
  std::vector<RuleLine> out;
  int number = 0;
  while (!text.empty()) {
    std::string_view line = next_line(text);
    RuleLine rule{.text = {}, .line = ++number, .disabled = false};
    if (line.empty() || line.front() == ' ' || line.front() == '\t') continue;
    if (line.front() == '#') {
      line.remove_prefix(std::min(line.find_first_not_of("# \t"), line.size()));
      if (!disabled || !looks_like_rule(line)) continue;
      rule.disabled = true;
    }
    rule.text = line;
    while (rule.text.ends_with('\\') && !text.empty()) {
      rule.text.pop_back();
      rule.text += next_line(text);
      ++number;
    }
    out.push_back(std::move(rule));
  }
  return out;
}

const RawOption* RawRule::find(std::string_view name) const {
  const auto at = std::ranges::find(options, name, &RawOption::name);
  return at == options.end() ? nullptr : &*at;
}

Result<RawRule> lex_rule(std::string_view text) {
  CHIENG_CHECK(check_bytes(text));
  const auto open = text.find('(');
  const auto close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open)
    return fail(ErrorCode::parse, "the rule has no options in ( … )");
  if (!trim(text.substr(close + 1)).empty())
    return fail(ErrorCode::parse, "there is text after the closing bracket of the options");
  const auto fields = header_fields(text.substr(0, open));
  if (fields.size() != 7) {
    std::string hint = "write: action protocol source port -> destination port (options)";
    if (fields.size() == 2 || fields.size() == 1)
      hint += "; rules without addresses are Snort 3 syntax";
    return fail(ErrorCode::parse,
                fmt::format("the header has {} fields; 7 are needed", fields.size()), hint);
  }
  RawRule rule{fields[0], fields[1], fields[2], fields[3], fields[4], fields[5], fields[6], {}};
  CHIENG_CHECK(lex_options(text.substr(open + 1, close - open - 1), open + 1, rule.options));
  return rule;
}

std::uint32_t guess_sid(std::string_view text) {
  for (auto at = text.rfind("sid:"); at != std::string_view::npos && at > 0;
       at = text.rfind("sid:", at - 1)) {
    const char before = text[at - 1];
    if (before != ' ' && before != ';' && before != '(' && before != '\t') continue;
    const auto rest = text.substr(at + 4);
    const auto sid = to_number(rest.substr(0, rest.find(';')));
    return sid && *sid <= 0xffffffffu ? static_cast<std::uint32_t>(*sid) : 0;
  }
  return 0;
}

}  // namespace chieng::suricata
