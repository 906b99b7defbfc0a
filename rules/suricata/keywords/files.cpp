// Keywords of old for files in transfers.
#include <fmt/format.h>

#include <array>

#include "core/hash/digest.h"
#include "rules/suricata/dataset.h"
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

// filemd5:[!]list: the digest of a whole file is (not) one of the list's.
template <DigestKind kind>
Status file_hash(Builder& b, std::string_view v) {
  static constexpr std::array<std::string_view, 3> kBuffers = {"file.md5", "file.sha1",
                                                               "file.sha256"};
  static constexpr std::array<std::size_t, 3> kDigits = {32, 40, 64};
  constexpr auto number = static_cast<std::size_t>(kind);
  const auto buffer = b.catalogue().buffer(kBuffers[number]);
  if (!buffer)
    return fail(ErrorCode::unsupported,
                fmt::format("buffer {} is not supported yet", kBuffers[number]));
  const bool negated = b.negate(v);
  const std::filesystem::path path = b.context().folder / unquoted(v);
  auto step = std::make_shared<DatasetStep>();
  step->values = std::make_shared<DatasetValues>(DatasetType::string);
  CHIENG_CHECK(step->values->load_hashes(path, kDigits[number]));
  step->op = negated ? DatasetOp::isnotset : DatasetOp::isset;
  Step out{DatasetCheck{std::move(step)}, false, b.option_index()};
  b.list_of({*buffer, {}}, kBuffers[number]).steps.push_back(std::move(out));
  b.rule().file_hashes[number] = true;
  return {};
}

constexpr std::array kKeywords = {
    Keyword{"filemd5", Value::required, file_hash<DigestKind::md5>},
    Keyword{"filesha1", Value::required, file_hash<DigestKind::sha1>},
    Keyword{"filesha256", Value::required, file_hash<DigestKind::sha256>},
    Keyword{"filename", Value::required, parse_filename},
    Keyword{"fileext", Value::required, parse_fileext},
    Keyword{"filestore", Value::optional, parse_filestore},
};

}  // namespace

std::span<const Keyword> files() {
  return kKeywords;
}

}  // namespace chieng::suricata::keywords
