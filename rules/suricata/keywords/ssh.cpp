// ssh.protoversion and ssh.softwareversion: what rules wrote before ssh.proto and ssh.software.
#include <array>

#include "rules/suricata/keywords/keywords.h"
#include "rules/suricata/text.h"

namespace chieng::suricata::keywords {
namespace {

Status add_step(Builder& b, std::string_view name, decltype(Step::what) what) {
  const auto buffer = b.catalogue().buffer(name);
  if (!buffer)
    return fail(ErrorCode::unsupported, "nothing reads the version from protocol ssh yet");
  b.list_of({*buffer, {}}, name).steps.push_back({std::move(what), false, b.option_index()});
  return {};
}

// The beginning of the version; "2_compat" takes whatever can speak version 2.
Status parse_protocol_version(Builder& b, std::string_view v) {
  v = unquoted(v);
  if (v == "2_compat") {
    CHIENG_TRY(auto regex, matching::Regex::compile("^(?:2|1\\.99)", {}));
    return add_step(
        b, "ssh.proto",
        RegexStep{std::make_shared<const matching::Regex>(std::move(regex)), false, {}});
  }
  Content c;
  c.bytes = v;
  c.starts = c.has_offset = c.has_depth = true;
  c.depth = {static_cast<std::int64_t>(c.bytes.size()), -1};
  return add_step(b, "ssh.proto", std::move(c));
}

Status parse_software_version(Builder& b, std::string_view v) {
  Content c;
  CHIENG_TRY(c.bytes, pattern_bytes(unquoted(v)));
  if (c.bytes.empty()) return fail(ErrorCode::parse, "the text is empty");
  return add_step(b, "ssh.software", std::move(c));
}

constexpr std::array kKeywords = {
    Keyword{"ssh.protoversion", Value::required, parse_protocol_version},
    Keyword{"ssh.softwareversion", Value::required, parse_software_version},
};

}  // namespace

std::span<const Keyword> ssh() {
  return kKeywords;
}

}  // namespace chieng::suricata::keywords
