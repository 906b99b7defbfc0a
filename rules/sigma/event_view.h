// A record as the predicates of one rule set see it: its fields under the rules' field numbers,
// folded and scanned once each, on demand. Belongs to one Matcher; reused for every record.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/record/record.h"
#include "rules/engine/literal_set.h"
#include "rules/engine/regex.h"
#include "rules/sigma/compiled.h"

namespace chieng::sigma {

class EventView {
 public:
  explicit EventView(const RuleSet& rules);
  void begin(const Record& record);

  // Whether the predicate holds, and which value met it (text_of); asked of the record once.
  [[nodiscard]] bool holds(std::uint32_t predicate);
  // The value that met the predicate; empty where none did (null, not exists).
  [[nodiscard]] std::string_view matched(std::uint32_t predicate) const;

 private:
  static constexpr std::uint32_t no_value = 0xFFFFFFFF;
  struct Value {
    const RecordField* field = nullptr;  // nullptr: the whole event's text
    std::string_view text;
    std::string folded;
    bool is_folded = false;
  };
  struct Field {
    std::uint64_t epoch = 0, scanned = 0;
    bool exact = false;  // values were found under the exact name
    std::vector<std::uint32_t> values;
  };
  struct Answer {
    std::uint64_t epoch = 0,
                  candidate = 0;  // candidate: the field's database named it for this record
    bool holds = false;
    std::uint32_t value = no_value;
  };

  void add_value(std::uint32_t field, std::uint32_t value, bool exact);
  void prepare_whole();
  std::span<const std::uint32_t> values_of(std::uint32_t field);
  const std::string& folded(Value& value);
  void scan(std::uint32_t field);
  bool evaluate(std::uint32_t number, Answer& answer);
  bool test(const Predicate& predicate, Value& value);
  bool test_other(const Predicate& predicate, Value& value);
  bool test_token(const Predicate& predicate, std::string_view text) const;

  const RuleSet& rules_;
  const Record* record_ = nullptr;
  std::uint64_t epoch_ = 0;
  std::vector<Value> values_;  // grows to the largest record
  std::size_t value_count_ = 0;
  std::vector<Field> fields_;
  std::vector<Answer> answers_;
  std::string whole_, name_;
  std::vector<std::uint32_t> hits_;
  matching::ScanScratch scan_scratch_;
  matching::RegexScratch regex_scratch_;
};

}  // namespace chieng::sigma
