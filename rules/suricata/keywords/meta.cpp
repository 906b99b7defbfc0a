// Options that describe a rule: msg, sid, classtype, reference, metadata, requires …
#include <fmt/format.h>

#include <array>

#include "rules/suricata/keywords/keywords.h"
#include "rules/suricata/text.h"

namespace chieng::suricata::keywords {
namespace {

// The version of the language that `requires: version` is measured against.
constexpr std::array<std::uint64_t, 3> kVersion = {9, 0, 0};

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() &&
        std::string_view(";\"\\:").find(text[i + 1]) != std::string_view::npos)
      ++i;
    out += text[i];
  }
  return out;
}

Status parse_msg(Builder& b, std::string_view v) {
  b.rule().info.message = unescaped(unquoted(v));
  return {};
}

Status parse_u32(std::string_view v, std::uint64_t low, std::uint64_t high, std::uint32_t& out) {
  const auto n = to_number(v);
  if (!n || *n < low || *n > high)
    return fail(ErrorCode::parse,
                fmt::format("\"{}\" is not a number from {} to {}", v, low, high));
  out = static_cast<std::uint32_t>(*n);
  return {};
}
Status parse_sid(Builder& b, std::string_view v) {
  return parse_u32(v, 1, 0xffffffffu, b.rule().info.sid);
}
Status parse_gid(Builder& b, std::string_view v) {
  return parse_u32(v, 0, 0xffffffffu, b.rule().info.gid);
}
Status parse_rev(Builder& b, std::string_view v) {
  return parse_u32(v, 0, 0xffffffffu, b.rule().info.rev);
}

Status parse_priority(Builder& b, std::string_view v) {
  std::uint32_t n = 0;
  CHIENG_CHECK(parse_u32(v, 1, 255, n));
  b.rule().info.priority = static_cast<std::uint8_t>(n);
  b.set_priority();
  return {};
}

Status parse_classtype(Builder& b, std::string_view v) {
  const RuleClass* known = b.context().classes.find(unquoted(v));
  b.rule().info.category = known != nullptr ? known->text : "Unknown Classtype";
  if (!b.priority_set()) b.rule().info.priority = known != nullptr ? known->priority : 3;
  return {};
}

Status parse_reference(Builder& b, std::string_view v) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kSystems = {
      {{"url", "http://"},
       {"cve", "https://nvd.nist.gov/vuln/detail/CVE-"},
       {"bugtraq", "http://www.securityfocus.com/bid/"},
       {"nessus", "http://cgi.nessus.org/plugins/dump.php3?id="},
       {"md5", "http://www.threatexpert.com/report.aspx?md5="},
       {"exploitdb", "http://www.exploit-db.com/exploits/"},
       {"et", "http://doc.emergingthreats.net/"},
       {"etpro", "http://doc.emergingthreatspro.com/"},
       {"osvdb", "http://osvdb.org/show/osvdb/"},
       {"msft", "http://technet.microsoft.com/security/bulletin/"}}};
  const std::string text = unescaped(unquoted(v));
  const auto comma = text.find(',');
  if (comma == std::string::npos)
    return fail(ErrorCode::parse, fmt::format("reference \"{}\" has no ','", v),
                "write reference:url,example.com;");
  const std::string_view kind = trim(std::string_view(text).substr(0, comma));
  std::string_view rest = trim(std::string_view(text).substr(comma + 1));
  std::string prefix;
  for (const auto& [name, start] : kSystems)
    if (same_word(name, kind)) prefix = start;
  if (same_word(kind, "cve") && (rest.starts_with("CVE-") || rest.starts_with("cve-")))
    rest.remove_prefix(4);
  if (rest.starts_with("http://") || rest.starts_with("https://")) prefix.clear();
  b.rule().info.references.push_back(prefix + std::string(rest));
  return {};
}

Status parse_metadata(Builder& b, std::string_view v) {
  for (const std::string_view pair : split(v, ',')) {
    const auto blank = pair.find_first_of(" \t");
    const auto key = pair.substr(0, blank);
    if (key.empty()) continue;
    b.rule().info.metadata.emplace_back(
        key, blank == std::string_view::npos ? "" : trim(pair.substr(blank)));
  }
  return {};
}

Status parse_target(Builder& b, std::string_view v) {
  if (v == "src_ip")
    b.rule().info.target = RuleTarget::source;
  else if (v == "dest_ip")
    b.rule().info.target = RuleTarget::destination;
  else
    return fail(ErrorCode::parse, fmt::format("target is src_ip or dest_ip, not \"{}\"", v));
  return {};
}

bool version_holds(std::string_view op, std::string_view text) {
  std::array<std::uint64_t, 3> want{};
  const auto parts = split(text.substr(0, text.find('-')), '.');
  for (std::size_t i = 0; i < parts.size() && i < want.size(); ++i)
    want[i] = to_number(parts[i]).value_or(0);
  if (op == ">=") return kVersion >= want;
  if (op == ">") return kVersion > want;
  if (op == "<=") return kVersion <= want;
  return op == "<" && kVersion < want;
}

bool version_range_holds(std::string_view text) {
  while (!(text = trim(text)).empty()) {
    const auto size = text.find_first_not_of("<>=");
    const std::string_view op = text.substr(0, size);
    text = trim(text.substr(std::min(size, text.size())));
    const auto end = text.find_first_of(" <>");
    if (op.empty() || !version_holds(op, text.substr(0, end))) return false;
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end);
  }
  return true;
}

Status parse_requires(Builder& b, std::string_view v) {
  for (const std::string_view need : split(v, ',')) {
    const auto kind = need.substr(0, need.find_first_of(" \t"));
    const auto rest = trim(need.substr(kind.size()));
    bool met = false;
    if (kind == "version") {
      for (const std::string_view range : split(rest, '|')) met = met || version_range_holds(range);
    } else if (kind == "keyword") {
      met = knows_keyword(b.catalogue(), rest);
    }
    if (!met) return fail(kSkip, fmt::format("the rule requires \"{}\", which is not met", need));
  }
  return {};
}

Status parse_noalert(Builder& b, std::string_view) {
  b.rule().noalert = true;
  return {};
}

Status parse_config(Builder& b, std::string_view v) {
  if (b.rule().info.action != RuleAction::config)
    return fail(ErrorCode::parse, "the config option belongs to rules whose action is config");
  const auto parts = split(v, ',');
  if (parts.size() != 3 || words(parts[0]) != std::vector<std::string_view>{"logging", "disable"})
    return fail(ErrorCode::unsupported, fmt::format("config \"{}\" is not supported", v),
                "supported: config:logging disable, type tx, scope tx;");
  b.rule().config_no_logging = true;
  return {};
}

Status accept(Builder&, std::string_view) {
  return {};
}

constexpr std::array kKeywords = {
    Keyword{"msg", Value::required, parse_msg},
    Keyword{"sid", Value::required, parse_sid},
    Keyword{"gid", Value::required, parse_gid},
    Keyword{"rev", Value::required, parse_rev},
    Keyword{"priority", Value::required, parse_priority},
    Keyword{"classtype", Value::required, parse_classtype},
    Keyword{"reference", Value::required, parse_reference},
    Keyword{"metadata", Value::optional, parse_metadata},
    Keyword{"target", Value::required, parse_target},
    Keyword{"requires", Value::required, parse_requires},
    Keyword{"noalert", Value::none, parse_noalert},
    Keyword{"config", Value::required, parse_config},
    Keyword{"prefilter", Value::optional, accept},
    Keyword{"tag", Value::required, accept},
    Keyword{"bypass", Value::none, accept},
    Keyword{"tls.store", Value::none, accept},
    Keyword{"tls_store", Value::none, accept},
};

}  // namespace

std::span<const Keyword> meta() {
  return kKeywords;
}

}  // namespace chieng::suricata::keywords
