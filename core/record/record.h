// The normalised record: what a log line, a Windows event or a sensor event is to the rules that
// match host logs. A flat list of (name, value); a name may stand several times (a list). Made by
// collector/log, read by rules/sigma, joined by agent/. One thread; reuse one object and clear() it
// between events.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/record/text_arena.h"
#include "core/time/timestamp.h"

namespace chieng {

// Which log an event is of, in Sigma's words, lower case. An event may be of several services (an
// sshd line of auth.log is auth, sshd and syslog) and categories; empty: not known. Windows events
// leave categories and services to the rules' own table of channels and event ids.
struct LogSource {
  std::string product;
  std::vector<std::string> categories, services;

  void clear() {
    product.clear();
    categories.clear();
    services.clear();
  }
};

struct RecordField {
  enum class Kind : std::uint8_t { text, integer, number, boolean, null };
  std::string_view name;
  std::string_view
      text;  // the value as text, for every kind but null; numbers as the source wrote them
  Kind kind = Kind::text;
  bool alias = false;  // another spelling of a field that is there: not part of the searchable text
  std::int64_t integer = 0;
  double number = 0;
};

class Record {
 public:
  LogSource source;
  Timestamp time;              // of the event; unset where the source has none
  std::string_view raw;        // the line or object as read; valid as long as its reader says
  std::string file;            // as the path was given
  std::uint64_t line = 0;      // from 1; where the record begins
  std::uint64_t position = 0;  // byte offset of its first byte
  bool search_raw = false;     // keywords look at raw (text logs) instead of the values

  Record() = default;
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;
  Record(Record&&) = default;
  Record& operator=(Record&&) = default;

  void clear();  // all but file

  // Names and texts are copied.
  RecordField& add(std::string_view name, std::string_view text);
  RecordField& add_integer(std::string_view name, std::int64_t value);
  RecordField& add_integer(std::string_view name, std::int64_t value, std::string_view as_written);
  RecordField& add_number(std::string_view name, double value, std::string_view as_written);
  RecordField& add_boolean(std::string_view name, bool value);
  RecordField& add_null(std::string_view name);
  // The same value under another name.
  void add_alias(std::string_view name, std::size_t field);

  [[nodiscard]] std::span<const RecordField> fields() const { return fields_; }
  [[nodiscard]] std::size_t size() const { return fields_.size(); }
  // The first field of this name: case-sensitive, then not. nullptr: absent.
  [[nodiscard]] const RecordField* find(std::string_view name) const;
  // Its text, or empty.
  [[nodiscard]] std::string_view text(std::string_view name) const;
  // A copy that lives as long as the record's content.
  [[nodiscard]] std::string_view keep(std::string_view text) { return arena_.keep(text); }

 private:
  RecordField& append(std::string_view name, RecordField::Kind kind, std::string_view text);

  TextArena arena_;
  std::vector<RecordField> fields_;
};

// ASCII, without locale.
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace chieng
