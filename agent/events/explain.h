// alert.explain: which bytes of which buffer met which option, with an excerpt around the match
// (docs/api.md).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/event/json_writer.h"
#include "core/event/privacy.h"
#include "core/inspect/inspector.h"

namespace chieng::agent {

// One a writer; keeps its buffers. Bounded: excerpts of kExcerpt bytes, kOptions of them.
class ExplainWriter {
 public:
  static constexpr std::size_t kContext = 32, kMatch = 96, kOptions = 64;

  explicit ExplainWriter(const PrivacyPolicy& policy) : policy_(policy) {}
  // Writes the key and the list.
  void write(JsonWriter& json, std::span<const MatchedOption> options);

 private:
  void excerpt(JsonWriter& json, const MatchedOption& option);
  void find_hidden(const MatchedOption& option);

  PrivacyPolicy policy_;
  std::vector<TextRange> secrets_;
  std::string bytes_, hex_;
  const std::byte* scanned_ = nullptr;  // the data that secrets_ was made from
  std::size_t scanned_size_ = 0;
};

}  // namespace chieng::agent
