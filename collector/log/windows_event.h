// Windows events under the names that Sigma rules use: System's elements and attributes (Channel,
// EventID, Provider_Name), EventData and UserData by their own names, with the spellings that rules
// expect beside them.
#pragma once

#include <string_view>
#include <vector>

#include "core/record/record.h"

namespace chieng::collector {

// Collects one event's parts in any order, then writes the record: data wins over System where both
// have a name.
class WindowsEvent {
 public:
  // Names and values have to live until finish(). name: "EventID", "Provider_Name".
  void system(std::string_view name, const RecordField& value) { system_.push_back({name, value}); }
  // EventData first; UserData yields to it.
  void data(std::string_view name, const RecordField& value) { data_.push_back({name, value}); }
  void user_data(std::string_view name, const RecordField& value) {
    user_data_.push_back({name, value});
  }
  // Fields, source and time of the record; clears this.
  void finish(Record& record);

 private:
  struct Part {
    std::string_view name;
    RecordField value;
  };
  [[nodiscard]] static bool has(const std::vector<Part>& parts, std::string_view name);
  static void copy(Record& record, std::string_view name, const RecordField& value);
  void add_spellings(Record& record) const;

  std::vector<Part> system_, data_, user_data_;
};

// A flat record of JSON (add_json_fields) as a Windows event, if it is one: the shapes of evtx_dump
// and its like (Event.System…), Winlogbeat (winlog.…) and flat ones with Channel and EventID.
// False: none of these; out is as it was.
[[nodiscard]] bool windows_event(const Record& flat, Record& out);

}  // namespace chieng::collector
