// Runs the steps of a list over a buffer, in order, with retries where a later step hangs on an
// earlier one.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/bytes/bytes.h"
#include "rules/engine/regex.h"
#include "rules/suricata/signature.h"
#include "rules/suricata/transform.h"

namespace chieng::suricata {

// Where a step matched; kept only while an alert is being explained.
struct FoundStep {
  const Step* step = nullptr;
  std::size_t offset = 0, length = 0;
  bool decoded = false;  // in what base64_decode gave
};

struct Window {
  Bytes data;
  std::uint64_t offset = 0;  // of data in the whole buffer
  bool complete = true;
  bool little_endian = false;  // what the byte keywords' dce means here
};

[[nodiscard]] bool asn1_matches(Bytes data, const Asn1Check& check);

// Working memory of one worker. Variables live from begin_rule() on: values carry over from list to
// list of a rule.
class Matcher {
 public:
  void begin_rule() {
    variables_.fill(0);
    contexts_.clear();
  }
  // What data sets have to say of values they met; filled while an alert is explained.
  struct ValueContext {
    std::string key;
    std::string_view object;  // JSON
  };
  [[nodiscard]] const std::vector<ValueContext>& contexts() const { return contexts_; }
  // Entropies that were computed since they were last cleared, by the buffer's name.
  struct EntropyNote {
    std::string buffer;
    double bits;
  };
  [[nodiscard]] std::vector<EntropyNote>& entropies() { return entropies_; }
  // found: filled where it is not null.
  [[nodiscard]] bool match(std::span<const Step> steps, const Window& window,
                           std::vector<FoundStep>* found = nullptr);
  // The list's transformations, then its steps. Recorded offsets are those in the transformed bytes
  // (transformed()).
  [[nodiscard]] bool match_list(const List& list, const Window& window,
                                std::vector<FoundStep>* found = nullptr);
  [[nodiscard]] Bytes transformed() const { return transformed_; }
  [[nodiscard]] const std::string& decoded() const { return decoded_; }
  [[nodiscard]] Bytes transform(std::span<const Transform> transforms, Bytes data) {
    return apply_transforms(transforms, data, transforms_, regex_);
  }

 private:
  enum class Outcome : std::uint8_t { match, local, stop };
  struct Frame {
    std::span<const Step> steps;
    Window window;
    bool decoded = false;
    [[nodiscard]] std::string_view text() const { return as_text(window.data); }
  };
  Outcome run(const Frame& f, std::size_t i, std::size_t cursor);
  Outcome next(const Frame& f, std::size_t i, std::size_t cursor, std::size_t offset,
               std::size_t length);
  Outcome content(const Frame& f, std::size_t i, std::size_t cursor, const Content& c);
  Outcome negated_content(const Frame& f, std::size_t i, std::size_t cursor, const Content& c);
  struct Limits {
    bool possible;
    std::size_t from, end;
  };
  Limits limits(const Frame& f, std::size_t cursor, const Content& c) const;
  Outcome regex(const Frame& f, std::size_t i, std::size_t cursor, const RegexStep& r);
  Outcome asn1(const Frame& f, std::size_t i, std::size_t cursor, const Asn1Check& a);
  Outcome data_at(const Frame& f, std::size_t i, std::size_t cursor, const DataAt& d);
  Outcome size(const Frame& f, std::size_t i, std::size_t cursor, const Size& s);
  Outcome entropy(const Frame& f, std::size_t i, std::size_t cursor, const Entropy& e);
  Outcome byte_test(const Frame& f, std::size_t i, std::size_t cursor, const ByteTest& t);
  Outcome byte_jump(const Frame& f, std::size_t i, std::size_t cursor, const ByteJump& j);
  Outcome byte_extract(const Frame& f, std::size_t i, std::size_t cursor, const ByteExtract& e);
  Outcome byte_math(const Frame& f, std::size_t i, std::size_t cursor, const ByteMath& m);
  Outcome base64(const Frame& f, std::size_t i, std::size_t cursor, const Base64& b);
  Outcome dataset(const Frame& f, std::size_t i, std::size_t cursor, const DatasetCheck& d);
  Outcome reputation(const Frame& f, std::size_t i, std::size_t cursor, const ReputationCheck& r);
  [[nodiscard]] std::int64_t value(const Number& n) const;

  matching::RegexScratch regex_;
  TransformScratch transforms_;
  Bytes transformed_;
  std::string decoded_;
  std::array<std::uint64_t, kMaxVariables> variables_{};
  std::uint32_t budget_ = 0;
  std::string_view list_name_;
  std::vector<ValueContext> contexts_;
  std::vector<EntropyNote> entropies_;
  std::vector<FoundStep>* found_ = nullptr;
};

}  // namespace chieng::suricata
