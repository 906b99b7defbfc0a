#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <deque>
#include <optional>

#include "collector/log/log_source.h"
#include "collector/log/tail_file.h"

namespace chieng::collector {
namespace {

constexpr std::size_t block_size = std::size_t{64} << 10;

std::int64_t steady_micros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

struct Tail::State {
  std::filesystem::path path;
  TailOptions options;
  std::optional<TailPosition> resume;  // until the first file is open
  bool opened_once = false;

  OpenFile file;
  bool at_path =
      false;  // file is what path names (or named); false: a rotated sibling, read to its end
  std::deque<std::filesystem::path> before;  // rotated files to read before the path's own
  TailPosition position;
  TailCounters counters;

  std::string buffer, line_text;
  std::size_t at = 0;         // in buffer: the next line; the file's byte position.offset
  std::size_t searched = 0;   // in buffer: no line end before it
  std::uint64_t dropped = 0;  // bytes of an overlong line left out of buffer
  std::uint64_t read_to = 0;  // file offset behind buffer
  std::int64_t checked = -1;  // file.modified and file.size when the fingerprint was last compared
  std::uint64_t checked_size = 0;
  std::int64_t rotated_at = 0;  // when the path was first seen to name another file
  std::int64_t last_data = 0;
  bool restarted = false;

  Result<bool> next(TailLine& line);
  Status open_next();
  Status open_path();
  Status open_sibling(const std::filesystem::path& sibling);
  void start_at(std::uint64_t offset, std::uint64_t line);
  std::uint64_t first_offset() const;
  bool take_line(TailLine& line);
  void give(TailLine& line, std::size_t size, std::size_t end);
  bool take_last(TailLine& line);
  void update_fingerprint();
  Result<bool> read_block();
  Status check_truncation(bool& changed);
  void restart_from_copy();
  Result<bool> finished();
  void leave_rotated();
  void close();
};

void Tail::State::close() {
  file = {};
  buffer.clear();
  at = searched = 0;
  dropped = 0;
}

void Tail::State::start_at(std::uint64_t offset, std::uint64_t line) {
  position = {file.device, file.inode, 0, 0, offset, line};
  buffer.clear();
  at = searched = 0;
  dropped = 0;
  read_to = offset;
  checked = file.modified;
  checked_size = file.size;
  rotated_at = 0;
  last_data = steady_micros();
  update_fingerprint();
}

// Where following begins in a file never seen before: behind its last whole line.
std::uint64_t Tail::State::first_offset() const {
  if (options.from_start || opened_once) return 0;
  std::string block(max_line, '\0');
  const std::uint64_t from = file.size > max_line ? file.size - max_line : 0;
  const ssize_t got = ::pread(file.fd.get(), block.data(), block.size(), static_cast<off_t>(from));
  if (got <= 0) return file.size;
  const std::size_t end =
      std::string_view(block).substr(0, static_cast<std::size_t>(got)).rfind('\n');
  return end == std::string::npos ? (from == 0 ? 0 : file.size) : from + end + 1;
}

Status Tail::State::open_sibling(const std::filesystem::path& sibling) {
  CHIENG_TRY(file, open_file(sibling));
  if (!file) return {};
  at_path = false;
  if (resume && continues(file, *resume)) {
    start_at(resume->offset, resume->line);
    resume.reset();
  } else {
    start_at(0, 0);
    restarted = true;
  }
  opened_once = true;
  return {};
}

Status Tail::State::open_path() {
  CHIENG_TRY(OpenFile opened, open_file(path));
  if (!opened && !resume) {
    opened_once = true;  // what appears later is new: all of it is read
    return {};
  }
  const bool same =
      opened && resume && opened.device == resume->device && opened.inode == resume->inode;
  if (resume && !(same && continues(opened, *resume))) {
    const auto siblings = rotated_siblings(path, *resume);
    if (siblings.empty() && resume->offset > 0) ++counters.lost_files;
    before.assign(siblings.begin(), siblings.end());
    opened_once = true;
    restarted = true;
    if (!before.empty()) return open_next();
    resume.reset();
  }
  if (!opened) return {};
  file = std::move(opened);
  at_path = true;
  if (resume)
    start_at(resume->offset, resume->line);
  else
    start_at(first_offset(), 0);
  resume.reset();
  opened_once = true;
  return {};
}

Status Tail::State::open_next() {
  while (!file && !before.empty()) {
    const std::filesystem::path sibling = std::move(before.front());
    before.pop_front();
    CHIENG_CHECK(open_sibling(sibling));
  }
  return file ? Status{} : open_path();
}

// Grows with the lines given out, so that a file is known by its beginning as soon as there is one.
void Tail::State::update_fingerprint() {
  const auto size =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(position.offset, fingerprint_bytes));
  if (size == position.fingerprint_size) return;
  if (const auto hash = fingerprint_of(file, size)) {
    position.fingerprint = *hash;
    position.fingerprint_size = size;
  }
}

void Tail::State::give(TailLine& line, std::size_t size, std::size_t end) {
  line_text.assign(buffer, at, size);
  std::string_view text = line_text;
  if (text.ends_with('\r')) text.remove_suffix(1);
  text.remove_prefix(
      std::min(text.find_first_not_of('\0'), text.size()));  // a hole that a truncation left
  line.text = text;
  line.cut = dropped > 0 || end - at > size + 1;
  line.line = position.line + 1;
  line.offset = position.offset;
  line.restarted = std::exchange(restarted, false);
  position.offset += (end - at) + dropped;
  ++position.line;
  at = searched = end;
  dropped = 0;
  update_fingerprint();
  line.after = position;
  ++counters.lines;
  if (line.cut) ++counters.cut_lines;
}

bool Tail::State::take_line(TailLine& line) {
  const std::size_t end = buffer.find('\n', searched);
  if (end != std::string::npos) {
    // Of an overlong line only the first max_line bytes are in the buffer, its line end right
    // behind them.
    give(line, std::min(end - at, max_line), end + 1);
    return true;
  }
  searched = buffer.size();
  if (buffer.size() - at > max_line) {
    dropped += buffer.size() - at - max_line;
    buffer.resize(at + max_line);
    searched = buffer.size();
  }
  return false;
}

// The end of a file that will get no more: what stands without a line end is a line too.
bool Tail::State::take_last(TailLine& line) {
  if (at >= buffer.size()) return false;
  give(line, buffer.size() - at, buffer.size());
  return true;
}

Result<bool> Tail::State::read_block() {
  buffer.erase(0, at);
  searched -= at;
  at = 0;
  const std::size_t size = buffer.size();
  buffer.resize(size + block_size);
  ssize_t got = 0;
  do got = ::pread(file.fd.get(), buffer.data() + size, block_size, static_cast<off_t>(read_to));
  while (got < 0 && errno == EINTR);
  buffer.resize(size + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (got < 0) return fail_errno(fmt::format("{}: reading failed", path.string()), errno);
  if (got == 0) return false;
  read_to += static_cast<std::uint64_t>(got);
  counters.bytes += static_cast<std::uint64_t>(got);
  last_data = steady_micros();
  return true;
}

// A file that was emptied and written anew (copytruncate). What was not yet read of its old content
// is in the copy.
void Tail::State::restart_from_copy() {
  ++counters.truncations;
  const auto copies = rotated_siblings(path, position);
  TailPosition place = position;
  close();
  restarted = true;
  if (copies.empty()) return;
  resume = place;
  before.assign(1, copies.front());
}

Status Tail::State::check_truncation(bool& changed) {
  changed = false;
  CHIENG_CHECK(refresh(file));
  const bool unchanged = file.modified == checked && file.size == checked_size;
  if (file.size >= read_to && (unchanged || continues(file, position))) {
    checked = file.modified;
    checked_size = file.size;
    return {};
  }
  changed = true;
  restart_from_copy();
  return {};
}

// At the end of the open file: whether there is nothing more to come from it.
Result<bool> Tail::State::finished() {
  if (!at_path) return true;
  auto current = open_file(path);
  if (!current) return std::unexpected(std::move(current).error());
  const bool same = *current && current->device == file.device && current->inode == file.inode;
  if (same) {
    rotated_at = 0;
    return false;
  }
  if (rotated_at == 0) rotated_at = steady_micros();  // its writer may not have noticed yet
  return steady_micros() - std::max(last_data, rotated_at) >= options.rotation_grace;
}

// More than one rotation may have happened meanwhile: what lies between the file and the path's own
// is read next.
void Tail::State::leave_rotated() {
  ++counters.rotations;
  const auto siblings = rotated_siblings(path, position);
  if (!siblings.empty()) before.assign(siblings.begin() + 1, siblings.end());
}

Result<bool> Tail::State::next(TailLine& line) {
  while (true) {
    if (!file) {
      CHIENG_CHECK(open_next());
      if (!file) return false;
    }
    if (take_line(line)) return true;
    bool changed = false;
    if (at_path) CHIENG_CHECK(check_truncation(changed));
    if (changed) continue;
    CHIENG_TRY(const bool more, read_block());
    if (more) continue;
    CHIENG_TRY(const bool done, finished());
    if (!done) return false;
    if (take_last(line)) return true;
    if (at_path) leave_rotated();
    restarted = true;
    close();
  }
}

Tail::Tail(std::filesystem::path path, const TailOptions& options, const TailPosition* start)
    : state_(std::make_unique<State>()) {
  state_->path = std::move(path);
  state_->options = options;
  if (start == nullptr || start->inode == 0) return;
  state_->resume = *start;
  state_->position = *start;
}

Tail::~Tail() = default;
Tail::Tail(Tail&&) noexcept = default;
Tail& Tail::operator=(Tail&&) noexcept = default;

Result<bool> Tail::next(TailLine& line) {
  return state_->next(line);
}
const TailPosition& Tail::position() const {
  return state_->position;
}
const TailCounters& Tail::counters() const {
  return state_->counters;
}
const std::filesystem::path& Tail::path() const {
  return state_->path;
}

}  // namespace chieng::collector
