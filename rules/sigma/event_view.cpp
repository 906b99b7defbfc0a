#include "rules/sigma/event_view.h"

#include <algorithm>

#include "rules/sigma/fold.h"

namespace chieng::sigma {
namespace {

bool word(std::string_view text, std::size_t at) {
  const auto c = static_cast<unsigned char>(text[at]);
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         c >= 0x80;
}

bool placed(std::string_view text, std::string_view part, Placement placement) {
  switch (placement) {
    case Placement::whole:
      return text == part;
    case Placement::anywhere:
      return text.find(part) != text.npos;
    case Placement::start:
      return text.starts_with(part);
    case Placement::end:
      return text.ends_with(part);
  }
  return false;
}

}  // namespace

EventView::EventView(const RuleSet& rules)
    : rules_(rules), fields_(rules.fields.size()), answers_(rules.predicates.size()) {
  for (const FieldTexts& texts : rules.texts)
    if (texts.filtered) (void)scan_scratch_.prepare(texts.literals);
}

void EventView::add_value(std::uint32_t field, std::uint32_t value, bool exact) {
  Field& at = fields_[field];
  if (at.epoch != epoch_) {
    at.epoch = epoch_;
    at.exact = false;
    at.values.clear();
  }
  if (at.exact && !exact) return;
  if (exact && !at.exact) at.values.clear();
  at.exact = exact;
  at.values.push_back(value);
}

void EventView::begin(const Record& record) {
  record_ = &record;
  ++epoch_;
  const auto fields = record.fields();
  value_count_ = fields.size() + 1;
  if (values_.size() < value_count_) values_.resize(value_count_);
  values_[0] = {nullptr, {}, std::move(values_[0].folded), false};
  for (std::uint32_t i = 0; i < fields.size(); ++i) {
    Value& value = values_[i + 1];
    value.field = &fields[i];
    value.text = fields[i].text;
    value.is_folded = false;
    name_.assign(fields[i].name);
    if (const auto at = rules_.exact_fields.find(name_); at != rules_.exact_fields.end())
      add_value(at->second, i + 1, true);
    fold_into(name_, fields[i].name);
    const auto at = rules_.folded_fields.find(name_);
    if (at == rules_.folded_fields.end()) continue;
    for (const std::uint32_t field : at->second)
      if (rules_.fields[field] != fields[i].name) add_value(field, i + 1, false);
  }
}

// The text that keywords are looked for in: the line itself, or every value of a structured event,
// one a line.
void EventView::prepare_whole() {
  whole_.clear();
  if (record_->search_raw) whole_ = record_->raw;
  for (const RecordField& field : record_->fields()) {
    if (record_->search_raw) break;
    if (field.alias || field.kind == RecordField::Kind::null) continue;
    if (!whole_.empty()) whole_ += '\n';
    whole_ += field.text;
  }
  values_[0].text = whole_;
  fields_[0].epoch = epoch_;
  fields_[0].values.assign(1, 0);
}

std::span<const std::uint32_t> EventView::values_of(std::uint32_t field) {
  if (field == 0 && fields_[0].epoch != epoch_) prepare_whole();
  const Field& at = fields_[field];
  return at.epoch == epoch_ ? std::span<const std::uint32_t>(at.values)
                            : std::span<const std::uint32_t>();
}

const std::string& EventView::folded(Value& value) {
  if (!value.is_folded) fold_into(value.folded, value.text);
  value.is_folded = true;
  return value.folded;
}

void EventView::scan(std::uint32_t field) {
  if (fields_[field].scanned == epoch_) return;
  fields_[field].scanned = epoch_;
  for (const std::uint32_t value : values_of(field)) {
    hits_.clear();
    rules_.texts[field].literals.scan(as_bytes(folded(values_[value])), scan_scratch_, hits_);
    for (const std::uint32_t predicate : hits_) answers_[predicate].candidate = epoch_;
  }
}

bool EventView::holds(std::uint32_t number) {
  Answer& answer = answers_[number];
  if (answer.epoch == epoch_) return answer.holds;
  answer.epoch = epoch_;
  answer.value = no_value;
  answer.holds = evaluate(number, answer);
  return answer.holds;
}

bool EventView::evaluate(std::uint32_t number, Answer& answer) {
  const Predicate& predicate = rules_.predicates[number];
  const auto values = values_of(predicate.field);
  if (predicate.test == Predicate::Test::exists) return predicate.wanted != values.empty();
  if (predicate.test == Predicate::Test::null && values.empty()) return true;
  if (values.empty()) return false;
  if (rules_.filtered[number]) {
    scan(predicate.field);
    if (answer.candidate != epoch_) return false;
  }
  for (const std::uint32_t value : values) {
    if (!test(predicate, values_[value])) continue;
    answer.value = value;
    return true;
  }
  return false;
}

std::string_view EventView::matched(std::uint32_t predicate) const {
  const Answer& answer = answers_[predicate];
  return answer.epoch == epoch_ && answer.value != no_value ? values_[answer.value].text
                                                            : std::string_view{};
}

bool EventView::test_other(const Predicate& predicate, Value& value) {
  for (const std::uint32_t other : values_of(predicate.other_field)) {
    Value& right = values_[other];
    if (right.field->kind == RecordField::Kind::null) continue;
    if (predicate.cased ? placed(value.text, right.text, predicate.placement)
                        : placed(folded(value), folded(right), predicate.placement))
      return true;
  }
  return false;
}

bool EventView::test_token(const Predicate& predicate, std::string_view text) const {
  const std::string& token = predicate.text;
  for (std::size_t at = text.find(token); at != text.npos; at = text.find(token, at + 1)) {
    const std::size_t end = at + token.size();
    if ((at == 0 || !word(text, at - 1)) && (end == text.size() || !word(text, end))) return true;
  }
  return false;
}

bool EventView::test(const Predicate& predicate, Value& value) {
  using Test = Predicate::Test;
  const bool null = value.field != nullptr && value.field->kind == RecordField::Kind::null;
  if (null) return predicate.test == Test::null;
  switch (predicate.test) {
    case Test::text:
      return predicate.pattern.matches(folded(value));
    case Test::cased_text:
      return predicate.pattern.matches(value.text);
    case Test::guid: {
      const std::string_view bare = bare_guid(value.text);
      return !bare.empty() && bare_guid(folded(value)) == predicate.text;
    }
    case Test::regex:
      return predicate.regex->find(value.text, regex_scratch_) == matching::RegexOutcome::found;
    case Test::network: {
      const auto address = event_address(value.text);
      return address && predicate.range.contains(*address);
    }
    case Test::integer:
      if (value.field->kind == RecordField::Kind::integer)
        return value.field->integer == predicate.integer;
      return value.text == predicate.text;
    case Test::compare: {
      const auto number = decimal(value.text);
      return number && compare(*number, predicate.comparison, predicate.number);
    }
    case Test::time: {
      const auto part = time_part(value.text, predicate.part);
      return part && compare(*part, predicate.comparison, predicate.number);
    }
    case Test::other_field:
      return test_other(predicate, value);
    case Test::token:
      return test_token(predicate, value.text);
    case Test::null:
    case Test::exists:
      return false;  // answered before: they ask about the field, not a value
  }
  return false;
}

}  // namespace chieng::sigma
