#include "agent/events/explain.h"

#include <algorithm>

namespace chieng::agent {
namespace {

bool may_quote(const PrivacyPolicy& policy, FieldClass field) {
  if (!policy.enabled) return true;
  switch (field) {
    case FieldClass::plain:
      return true;
    case FieldClass::personal:
      return policy.personal == PrivacyAction::keep;
    case FieldClass::content:
      return policy.content == PrivacyAction::keep || policy.content == PrivacyAction::mask;
    case FieldClass::credential:
      return false;
  }
  return false;
}

bool ends_value(char c) {
  return c == '&' || c == ';' || c == ',' || c == '"' || c == '\'' || c == ' ' || c == '\t' ||
         c == '\r' || c == '\n';
}

}  // namespace

void ExplainWriter::write(JsonWriter& json, std::span<const MatchedOption> options) {
  scanned_ = nullptr;
  json.key("explain").begin_array();
  for (const MatchedOption& option : options.first(std::min(options.size(), kOptions))) {
    json.begin_object().field("option", option.option).field("buffer", option.buffer);
    json.field("offset", option.offset).field("length", option.length);
    if (option.offset >= 0 && !option.data.empty() && may_quote(policy_, option.privacy))
      excerpt(json, option);
    if (!option.note.empty()) json.field("note", option.note);
    json.end_object();
  }
  json.end_array();
}

// Secrets are looked for in the whole buffer, so that an excerpt that begins inside one does not
// show it.
void ExplainWriter::find_hidden(const MatchedOption& option) {
  if (scanned_ == option.data.data() && scanned_size_ == option.data.size()) return;
  scanned_ = option.data.data();
  scanned_size_ = option.data.size();
  const std::string_view text = as_text(option.data);
  find_secrets(text, secrets_);
  // What was before this part of the buffer is not known: its first word may be the rest of a
  // secret.
  if (option.data_offset == 0) return;
  std::size_t end = 0;
  while (end < text.size() && !ends_value(text[end])) ++end;
  secrets_.insert(secrets_.begin(), {0, end});
}

void ExplainWriter::excerpt(JsonWriter& json, const MatchedOption& option) {
  const auto at = static_cast<std::uint64_t>(option.offset);
  const std::size_t size = option.data.size();
  if (at < option.data_offset || at - option.data_offset > size) return;
  const std::size_t match = at - option.data_offset;
  const std::size_t length =
      std::min({static_cast<std::size_t>(option.length), size - match, kMatch});
  const std::size_t begin = match > kContext ? match - kContext : 0;
  const std::size_t end = std::min(size, match + length + kContext);
  bytes_.assign(as_text(option.data.subspan(begin, end - begin)));
  if (policy_.enabled) {
    find_hidden(option);
    for (const TextRange& r : secrets_)
      for (std::size_t i = std::max(r.begin, begin); i < std::min(r.end, end); ++i)
        bytes_[i - begin] = '*';
  }
  hex_ = to_hex(as_bytes(bytes_));
  for (char& c : bytes_)
    if (c < 0x20 || c > 0x7e) c = '.';
  json.key("excerpt")
      .begin_object()
      .field("offset", option.data_offset + begin)
      .field("text", bytes_);
  json.field("hex", hex_)
      .field("match_offset", match - begin)
      .field("match_length", length)
      .end_object();
}

}  // namespace chieng::agent
