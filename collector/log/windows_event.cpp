#include "collector/log/windows_event.h"

#include <algorithm>
#include <array>
#include <string>

namespace chieng::collector {
namespace {

constexpr std::string_view text_suffix = ".#text", attributes = "#attributes.";

// "EventID.#text" → "EventID"; "Provider.#attributes.Name" → "Provider_Name".
std::string element_name(std::string_view path) {
  if (path.ends_with(text_suffix)) path.remove_suffix(text_suffix.size());
  const std::size_t at = path.find(".#attributes.");
  if (at == path.npos) return std::string(path);
  return std::string(path.substr(0, at)) + '_' +
         std::string(path.substr(at + 1 + attributes.size()));
}

// "SHA1=…,MD5=…,IMPHASH=…" also as the single fields that older rules name.
void add_hashes(Record& record, std::string_view hashes) {
  constexpr std::array<std::string_view, 4> kinds{"md5", "sha1", "sha256", "imphash"};
  while (!hashes.empty()) {
    const std::string_view one = hashes.substr(0, hashes.find(','));
    hashes.remove_prefix(std::min(one.size() + 1, hashes.size()));
    const std::size_t equals = one.find('=');
    if (equals == one.npos) continue;
    for (const std::string_view kind : kinds)
      if (equal_ignoring_case(kind, one.substr(0, equals)) && record.find(kind) == nullptr)
        record.add(kind, one.substr(equals + 1)).alias = true;
  }
}

void read_evtx_dump(const Record& flat, WindowsEvent& event, Record& out) {
  constexpr std::string_view system = "Event.System.", data = "Event.EventData.",
                             user = "Event.UserData.";
  for (const RecordField& field : flat.fields()) {
    std::string_view name = field.name;
    if (name.starts_with(system)) {
      event.system(out.keep(element_name(name.substr(system.size()))), field);
    } else if (name.starts_with(data)) {
      name.remove_prefix(data.size());
      if (!name.starts_with(attributes)) event.data(out.keep(element_name(name)), field);
    } else if (name.starts_with(user)) {
      const std::size_t wrapper = name.find('.', user.size());
      if (wrapper == name.npos || name.substr(wrapper + 1).starts_with(attributes)) continue;
      event.user_data(out.keep(element_name(name.substr(wrapper + 1))), field);
    }
  }
}

void read_winlogbeat(const Record& flat, WindowsEvent& event) {
  constexpr std::string_view data = "winlog.event_data.", user = "winlog.user_data.";
  constexpr std::array<std::pair<std::string_view, std::string_view>, 9> system{
      {{"winlog.channel", "Channel"},
       {"winlog.event_id", "EventID"},
       {"winlog.provider_name", "Provider_Name"},
       {"winlog.provider_guid", "Provider_Guid"},
       {"winlog.computer_name", "Computer"},
       {"winlog.record_id", "EventRecordID"},
       {"winlog.process.pid", "Execution_ProcessID"},
       {"winlog.user.identifier", "Security_UserID"},
       {"@timestamp", "TimeCreated_SystemTime"}}};
  const bool has_id = flat.find("winlog.event_id") != nullptr;
  for (const RecordField& field : flat.fields()) {
    if (field.name.starts_with(data)) event.data(field.name.substr(data.size()), field);
    if (field.name.starts_with(user)) event.user_data(field.name.substr(user.size()), field);
    if (!has_id && field.name == "event.code") event.system("EventID", field);
    for (const auto& [from, to] : system)
      if (field.name == from) event.system(to, field);
  }
}

// NXLog and others: everything at the top level. What System would hold is told by name.
void read_flat(const Record& flat, WindowsEvent& event) {
  for (const RecordField& field : flat.fields()) {
    if (field.name == "SourceName") event.system("Provider_Name", field);
    if (field.name == "EventTime" || field.name == "UtcTime")
      event.system("TimeCreated_SystemTime", field);
    event.data(field.name, field);
  }
}

void set_source(Record& record) {
  const std::string_view channel = record.text("Channel");
  record.source.product =
      channel.size() >= 12 && equal_ignoring_case(channel.substr(0, 12), "Linux-Sysmon")
          ? "linux"
          : "windows";
  if (const auto time = parse_iso(record.text("TimeCreated_SystemTime")); time) record.time = *time;
}

}  // namespace

bool WindowsEvent::has(const std::vector<Part>& parts, std::string_view name) {
  return std::ranges::any_of(parts, [&](const Part& p) { return p.name == name; });
}

void WindowsEvent::copy(Record& record, std::string_view name, const RecordField& value) {
  switch (value.kind) {
    case RecordField::Kind::text:
      record.add(name, value.text);
      return;
    case RecordField::Kind::integer:
      record.add_integer(name, value.integer, value.text);
      return;
    case RecordField::Kind::number:
      record.add_number(name, value.number, value.text);
      return;
    case RecordField::Kind::boolean:
      record.add_boolean(name, value.integer != 0);
      return;
    case RecordField::Kind::null:
      record.add_null(name);
      return;
  }
}

// "Threat Name" is also ThreatName and Threat_Name; a spelling never hides a field of that name.
void WindowsEvent::add_spellings(Record& record) const {
  const std::size_t count = record.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view name = record.fields()[i].name;
    if (name.find(' ') == name.npos) continue;
    std::string squeezed, underscored(name);
    std::ranges::copy_if(name, std::back_inserter(squeezed), [](char c) { return c != ' '; });
    std::ranges::replace(underscored, ' ', '_');
    for (const std::string& spelling : {squeezed, underscored})
      if (!has(system_, spelling) && !has(data_, spelling)) record.add_alias(spelling, i);
  }
  const auto alias = [&](std::string_view from, std::string_view to) {
    for (std::size_t i = 0; i < count; ++i)
      if (record.fields()[i].name == from && record.find(to) == nullptr)
        return record.add_alias(to, i);
  };
  alias("Channel", "EventLog");
  alias("Threat Name", "Signature");
  if (has(data_, "Threat Name")) alias("Path", "Filename");
  add_hashes(record, record.text("Hashes"));
  add_hashes(record, record.text("Hash"));
}

void WindowsEvent::finish(Record& record) {
  for (const Part& part : data_) copy(record, part.name, part.value);
  for (const Part& part : user_data_)
    if (!has(data_, part.name)) copy(record, part.name, part.value);
  for (const Part& part : system_) {
    const bool hidden = has(data_, part.name) || has(user_data_, part.name);
    if (hidden)
      copy(record, "System_" + std::string(part.name), part.value);
    else
      copy(record, part.name, part.value);
  }
  set_source(record);
  add_spellings(record);
  system_.clear();
  data_.clear();
  user_data_.clear();
}

bool windows_event(const Record& flat, Record& out) {
  const auto fields = flat.fields();
  const auto any = [&](std::string_view prefix) {
    return std::ranges::any_of(fields,
                               [&](const RecordField& f) { return f.name.starts_with(prefix); });
  };
  WindowsEvent event;
  if (any("Event.System."))
    read_evtx_dump(flat, event, out);
  else if (any("winlog.channel"))
    read_winlogbeat(flat, event);
  else if (flat.find("Channel") != nullptr && flat.find("EventID") != nullptr)
    read_flat(flat, event);
  else
    return false;
  event.finish(out);
  return true;
}

}  // namespace chieng::collector
