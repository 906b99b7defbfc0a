// Where log lines come from: files read once from start to end (LogFileReader) and files followed
// while they are written (Tail).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/bytes/bytes.h"
#include "core/error/result.h"
#include "core/file/file.h"
#include "core/record/record.h"

namespace chieng::collector {

enum class InputKind : std::uint8_t { unknown, capture, evtx, json, text };
[[nodiscard]] std::string_view to_string(InputKind kind);
// From a file's first bytes (4 KiB are plenty). Empty input is text; binary input of no known kind
// is unknown.
[[nodiscard]] InputKind detect_kind(Bytes head);

inline constexpr std::size_t max_line =
    std::size_t{1} << 20;  // longer lines are cut there, flagged, the rest dropped

// A place between two lines of a followed file. Opaque to who stores it: encode() it in the same
// write as the events made up to it, and give it back at the next start.
struct TailPosition {
  std::uint64_t device = 0, inode = 0;
  std::uint64_t fingerprint = 0;  // of the file's first fingerprint_size bytes
  std::uint32_t fingerprint_size = 0;
  std::uint64_t offset = 0;  // of the next unread line's first byte
  std::uint64_t line = 0;    // lines before it

  [[nodiscard]] std::string encode() const;  // printable, below 150 bytes
  [[nodiscard]] static Result<TailPosition> decode(std::string_view text);
  friend bool operator==(const TailPosition&, const TailPosition&) = default;
};

struct TailLine {
  std::string_view text;     // without its line end (\n or \r\n); valid until the next call
  std::uint64_t line = 0;    // from 1, of its file
  std::uint64_t offset = 0;  // of its first byte
  bool cut = false;          // longer than max_line
  bool restarted = false;    // first line after a rotation or a truncation
  TailPosition after;        // resume here once what came of this line is durable
};

struct TailOptions {
  bool from_start = false;  // a file never seen before: read it all, or begin at its end
  std::int64_t rotation_grace =
      5'000'000;  // microseconds that a renamed file is still read after its last byte
};

struct TailCounters {
  std::uint64_t lines = 0, bytes = 0, cut_lines = 0, rotations = 0, truncations = 0;
  std::uint64_t lost_files =
      0;  // the checkpoint's file was gone, so what it held after the checkpoint was not read
};

// Follows one path across rename rotation, copytruncate, removal and a file that appears later. A
// line is given out once its line end is there; what stands without one is kept. Owned by one
// thread; holds at most one open file (two while a rotation settles) and one buffer of max_line.
class Tail {
 public:
  // The file need not exist yet. start: nullptr where there is no checkpoint.
  explicit Tail(std::filesystem::path path, const TailOptions& options = {},
                const TailPosition* start = nullptr);
  ~Tail();
  Tail(Tail&&) noexcept;
  Tail& operator=(Tail&&) noexcept;

  // The next whole line, without waiting. False: none now; call again when the file may have grown
  // (poll each 250 ms or so, or watch its folder). An error is of this moment (permission, I/O) and
  // worth retrying later.
  [[nodiscard]] Result<bool> next(TailLine& line);
  // Where the next line begins; what a clean stop stores. inode 0: no file was seen.
  [[nodiscard]] const TailPosition& position() const;
  [[nodiscard]] const TailCounters& counters() const;
  [[nodiscard]] const std::filesystem::path& path() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// One line of text, or one record of a structured log.
struct LogEntry {
  std::string_view text;   // the line, or the object's text; valid until the next call
  std::uint64_t line = 0;  // from 1; of a structured record: where it starts
  std::uint64_t offset = 0;
  bool structured = false;  // record is filled (JSON, EVTX)
  bool cut = false;
  std::string malformed;  // why this piece is no record (a broken object); then it is plain text
  Record record;          // raw = text; file as the path was given
};

// Reads one log file from start to end. One thread; at most one block and one record in memory.
class LogFileReader {
 public:
  [[nodiscard]] static Result<LogFileReader> open(const std::filesystem::path& path);
  ~LogFileReader();
  LogFileReader(LogFileReader&&) noexcept;
  LogFileReader& operator=(LogFileReader&&) noexcept;

  [[nodiscard]] InputKind kind() const;  // text, json or evtx
  // False at the end. An error is of the file (I/O), never of its content.
  [[nodiscard]] Result<bool> next(LogEntry& entry);

 private:
  struct State;
  explicit LogFileReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace chieng::collector
