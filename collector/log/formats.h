// What a log line says: a declarative table (packaging/content/log-formats/*.yml; its language is
// in the README beside it) compiled into an immutable FormatSet, and a parser a source that runs it
// over lines.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error/result.h"
#include "core/net/address.h"
#include "core/record/record.h"
#include "core/time/timestamp.h"

namespace chieng::collector {

enum class Outcome : std::uint8_t { unknown, success, failure };
[[nodiscard]] std::string_view to_string(Outcome outcome);

// What was understood of a line. An unknown line still has its frame (time, host, process,
// message).
struct LogEvent {
  std::string service;  // "sshd"; empty: no format knew the line
  std::optional<Timestamp> event_time;
  bool time_inferred = false;  // year or zone were not in the line
  Outcome outcome = Outcome::unknown;
  std::string category, action, reason;  // "authentication", "logon", "bad-credentials"
  std::optional<IpAddress> src_ip;       // the peer, or
  std::string src_host;                  // its name; never both
  std::optional<std::uint16_t> src_port;
  std::string user;  // as logged: hostile text; not empty only where the line names one
  std::string host;  // that wrote the line, from the frame
  std::string process;
  std::optional<std::uint32_t> pid;
  std::string_view message;     // the line without its frame; a view into the line
  std::string format, pattern;  // which entry of the table: "sshd", "sshd.failed-password"
  std::vector<std::pair<std::string, std::string>> fields;  // the pattern's other names
  std::vector<std::string> sigma_services;  // "auth", "sshd", "syslog": see core/record
  std::string sigma_product, sigma_category;

  void clear();
};

class FormatTable;  // collector/log/format_table.h

// Immutable; shared between threads.
class FormatSet {
 public:
  // The tables built into the program.
  [[nodiscard]] static Result<std::shared_ptr<const FormatSet>> builtin();
  // Files or folders of .yml; an entry of a later file replaces the one of the same id. Any fault
  // is an error that names file and line: a table is ours or the operator's, and is tested when it
  // loads.
  [[nodiscard]] static Result<std::shared_ptr<const FormatSet>> load(
      std::span<const std::filesystem::path> paths, bool with_builtin = true);
  struct Text {
    std::string name, text;
  };
  [[nodiscard]] static Result<std::shared_ptr<const FormatSet>> from_texts(
      std::span<const Text> texts);
  explicit FormatSet(std::unique_ptr<const FormatTable> table);
  ~FormatSet();

  [[nodiscard]] const FormatTable& table() const { return *table_; }
  [[nodiscard]] std::vector<std::string> names() const;  // of the services, sorted
  [[nodiscard]] bool has(std::string_view service) const;

 private:
  std::unique_ptr<const FormatTable> table_;
};

struct LineContext {
  std::string format;   // name of the one format to use; empty: recognise
  Timestamp reference;  // about when the lines were written (file's mtime, or now): gives the year
  std::int32_t zone_offset = 0;  // seconds east of UTC, for stamps without a zone
};

// Understands the lines of one source, in order: remembers a little of each process id (bounded),
// so that a line without a peer can take it from the process's earlier line. One thread.
class LineParser {
 public:
  LineParser(std::shared_ptr<const FormatSet> formats, LineContext context);
  ~LineParser();
  LineParser(LineParser&&) noexcept;
  LineParser& operator=(LineParser&&) noexcept;

  // Valid until the next call; line has to outlive it.
  [[nodiscard]] const LogEvent& parse(std::string_view line);
  void set_reference(Timestamp reference);  // as time goes by, for a followed file

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The record that rules see: the event's fields under their Sigma names, raw and source set. Does
// not set file, line, position. line has to outlive the record's use.
void fill_record(const LogEvent& event, std::string_view line, Record& record);

}  // namespace chieng::collector
