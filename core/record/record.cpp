#include "core/record/record.h"

#include <fmt/format.h>

namespace chieng {

void Record::clear() {
  source.clear();
  time = {};
  raw = {};
  line = 0;
  position = 0;
  search_raw = false;
  fields_.clear();
  arena_.clear();
}

RecordField& Record::append(std::string_view name, RecordField::Kind kind, std::string_view text) {
  RecordField field;
  field.name = arena_.keep(name);
  field.text = arena_.keep(text);
  field.kind = kind;
  fields_.push_back(field);
  return fields_.back();
}

RecordField& Record::add(std::string_view name, std::string_view text) {
  return append(name, RecordField::Kind::text, text);
}

RecordField& Record::add_integer(std::string_view name, std::int64_t value) {
  const fmt::format_int text(value);
  return add_integer(name, value, std::string_view(text.data(), text.size()));
}

RecordField& Record::add_integer(std::string_view name, std::int64_t value,
                                 std::string_view as_written) {
  RecordField& field = append(name, RecordField::Kind::integer, as_written);
  field.integer = value;
  field.number = static_cast<double>(value);
  return field;
}

RecordField& Record::add_number(std::string_view name, double value, std::string_view as_written) {
  RecordField& field = append(name, RecordField::Kind::number, as_written);
  field.number = value;
  return field;
}

RecordField& Record::add_boolean(std::string_view name, bool value) {
  RecordField& field = append(name, RecordField::Kind::boolean, value ? "true" : "false");
  field.integer = value ? 1 : 0;
  return field;
}

RecordField& Record::add_null(std::string_view name) {
  return append(name, RecordField::Kind::null, {});
}

void Record::add_alias(std::string_view name, std::size_t field) {
  RecordField copy = fields_.at(field);
  copy.name = arena_.keep(name);
  copy.alias = true;
  fields_.push_back(copy);
}

const RecordField* Record::find(std::string_view name) const {
  for (const RecordField& field : fields_)
    if (field.name == name) return &field;
  for (const RecordField& field : fields_)
    if (equal_ignoring_case(field.name, name)) return &field;
  return nullptr;
}

std::string_view Record::text(std::string_view name) const {
  const RecordField* field = find(name);
  return field == nullptr ? std::string_view{} : field->text;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

}  // namespace chieng
