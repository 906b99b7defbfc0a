// Keywords of old for files in transfers.
#include <fmt/format.h>

#include <array>

#include "rules/suricata/keywords/keywords.h"
#include "rules/suricata/text.h"

namespace chieng::suricata::keywords {
namespace {

// filename:"x" and fileext:"x" look for text in the file's name, whatever the case.
Status name_step(Builder& b, std::string_view v, std::string_view prefix, bool ends) {
  const auto buffer = b.catalogue().buffer("file.name");
  if (!buffer) return fail(ErrorCode::unsupported, "buffer file.name is not supported yet");
  Step step;
  step.negated = b.negate(v);
  Content c;
  CHIENG_TRY(c.bytes, pattern_bytes(unquoted(v)));
  if (c.bytes.empty()) return fail(ErrorCode::parse, "the name is empty");
  c.bytes = lower(std::string(prefix) + c.bytes);
  c.nocase = true;
  c.ends = ends;
  step.what = std::move(c);
  step.option = b.option_index();
  b.list_of({*buffer, {}}, "file.name").steps.push_back(std::move(step));
  return {};
}

Status parse_filename(Builder& b, std::string_view v) {
  return name_step(b, v, "", false);
}
Status parse_fileext(Builder& b, std::string_view v) {
  return name_step(b, v, ".", true);
}

Status parse_filestore(Builder& b, std::string_view) {
  b.rule().store_file = true;
  return {};
}

constexpr std::array kKeywords = {
    Keyword{"filename", Value::required, parse_filename},
    Keyword{"fileext", Value::required, parse_fileext},
    Keyword{"filestore", Value::optional, parse_filestore},
};

}  // namespace

std::span<const Keyword> files() {
  return kKeywords;
}

}  // namespace chieng::suricata::keywords
