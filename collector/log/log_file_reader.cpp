#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "collector/log/evtx.h"
#include "collector/log/json_fields.h"
#include "collector/log/log_source.h"
#include "collector/log/windows_event.h"

namespace chieng::collector {
namespace {

constexpr std::size_t block_size = std::size_t{256} << 10;
constexpr std::size_t head_size = 4096;

std::size_t count_lines(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

}  // namespace

struct LogFileReader::State {
  UniqueFd fd;
  std::string path;
  InputKind kind = InputKind::text;
  std::string buffer;        // what is read and not given out
  std::size_t at = 0;        // in buffer: the next byte to give out
  std::uint64_t offset = 0;  // in the file: of buffer's first byte
  std::uint64_t line = 1;
  bool ended = false;
  JsonExtent extent;
  Record flat;
  std::optional<EvtxChunk> chunk;             // over buffer
  std::uint64_t chunk_at = evtx_header_size;  // in the file: of the chunk after this one

  [[nodiscard]] std::string_view rest() const { return std::string_view(buffer).substr(at); }
  // Reads another block behind what is left; sets ended.
  Status fill();
  Result<bool> next_line(LogEntry& entry);
  Result<bool> next_object(LogEntry& entry);
  Result<bool> next_event(LogEntry& entry);
  Result<bool> next_chunk();
  Status to_object();
  void begin(LogEntry& entry) const;
  void give_object(LogEntry& entry, std::size_t length);
};

Status LogFileReader::State::fill() {
  offset += at;
  buffer.erase(0, at);
  at = 0;
  const std::size_t size = buffer.size();
  buffer.resize(size + block_size);
  ssize_t got = 0;
  do got = ::read(fd.get(), buffer.data() + size, block_size);
  while (got < 0 && errno == EINTR);
  buffer.resize(size + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (got < 0) return fail_errno(fmt::format("{}: reading failed", path), errno);
  ended = got == 0;
  return {};
}

void LogFileReader::State::begin(LogEntry& entry) const {
  entry.record.clear();
  entry.record.file = path;
  entry.structured = entry.cut = false;
  entry.malformed.clear();
  entry.line = entry.record.line = line;
  entry.offset = entry.record.position = offset + at;
}

Result<bool> LogFileReader::State::next_line(LogEntry& entry) {
  begin(entry);
  std::size_t end = rest().find('\n'), seen = 0;
  while (end == std::string_view::npos && !ended && rest().size() <= max_line) {
    seen = rest().size();
    CHIENG_CHECK(fill());
    end = rest().find('\n', seen);
  }
  if (rest().empty() && ended) return false;
  entry.cut = end > max_line && rest().size() > max_line;
  if (entry.cut) {
    std::string kept(rest().substr(0, max_line));
    while ((end = rest().find('\n')) == std::string_view::npos && !ended) {
      at = buffer.size();
      CHIENG_CHECK(fill());
    }
    at += std::min(end + 1, rest().size());
    if (end == std::string_view::npos) at = buffer.size();
    entry.text = entry.record.raw = entry.record.keep(kept);
    ++line;
    return true;
  }
  std::string_view text = rest().substr(0, end);
  at += std::min(text.size() + 1, rest().size());
  if (text.ends_with('\r')) text.remove_suffix(1);
  text.remove_prefix(
      std::min(text.find_first_not_of('\0'), text.size()));  // a hole that a truncation left
  entry.text = entry.record.raw = text;
  ++line;
  return true;
}

// Skips what stands between the objects of a sequence or an array.
Status LogFileReader::State::to_object() {
  while (true) {
    const std::size_t blank =
        std::min(rest().find_first_not_of(" \t\r\n,[]\xEF\xBB\xBF"), rest().size());
    line += count_lines(rest().substr(0, blank));
    at += blank;
    if (!rest().empty() || ended) return {};
    CHIENG_CHECK(fill());
  }
}

void LogFileReader::State::give_object(LogEntry& entry, std::size_t length) {
  const std::string_view text = rest().substr(0, length);
  entry.text = entry.record.raw = text;
  flat.clear();
  if (const Status status = add_json_fields(text, flat); !status) {
    entry.malformed = status.error().text;
  } else {
    entry.structured = true;
    if (!windows_event(flat, entry.record)) (void)add_json_fields(text, entry.record);
  }
  line += count_lines(text);
  at += length;
}

Result<bool> LogFileReader::State::next_object(LogEntry& entry) {
  CHIENG_CHECK(to_object());
  if (rest().empty()) return false;
  if (rest().front() != '{') {
    CHIENG_TRY(const bool any, next_line(entry));
    entry.malformed = "text between JSON objects";
    return any;
  }
  begin(entry);
  extent.reset();
  std::size_t length = 0;
  auto found = extent.find(rest(), length);
  while (found == JsonExtent::Found::more && !ended) {
    CHIENG_CHECK(fill());
    found = extent.find(rest(), length);
  }
  if (found == JsonExtent::Found::whole) {
    give_object(entry, length);
    return true;
  }
  const std::string_view text = rest().substr(0, length);
  entry.malformed = length > max_json_object
                        ? fmt::format("an object is longer than {} bytes", max_json_object)
                        : "an object does not end";
  entry.text = entry.record.raw = text;
  line += count_lines(text);
  at += length;
  return true;
}

// The header's count of chunks is not asked: a file that was not closed under-reports. Damaged
// chunks are stepped over.
Result<bool> LogFileReader::State::next_chunk() {
  chunk.reset();
  while (true) {
    buffer.resize(evtx_chunk_size);
    std::size_t have = 0;
    while (have < buffer.size()) {
      const ssize_t got = ::pread(fd.get(), buffer.data() + have, buffer.size() - have,
                                  static_cast<off_t>(chunk_at + have));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail_errno(fmt::format("{}: reading failed", path), errno);
      if (got == 0) break;
      have += static_cast<std::size_t>(got);
    }
    buffer.resize(have);
    if (have == 0) return false;
    offset = chunk_at;
    chunk_at += evtx_chunk_size;
    if (!is_evtx_chunk(as_bytes(buffer))) continue;
    chunk.emplace(as_bytes(buffer));
    return true;
  }
}

// Records are numbered as lines are, from 1.
Result<bool> LogFileReader::State::next_event(LogEntry& entry) {
  EvtxChunk::Item item;
  at = 0;
  while (!chunk || !chunk->next(item, flat)) {
    CHIENG_TRY(const bool any, next_chunk());
    if (!any) return false;
  }
  begin(entry);
  entry.offset = entry.record.position = offset + item.offset;
  entry.malformed = std::move(item.malformed);
  entry.structured = windows_event(flat, entry.record);
  entry.text = {};
  if (!entry.structured && entry.malformed.empty()) entry.malformed = "the record is no event";
  ++line;
  return true;
}

LogFileReader::LogFileReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
LogFileReader::~LogFileReader() = default;
LogFileReader::LogFileReader(LogFileReader&&) noexcept = default;
LogFileReader& LogFileReader::operator=(LogFileReader&&) noexcept = default;

Result<LogFileReader> LogFileReader::open(const std::filesystem::path& path) {
  auto state = std::make_unique<State>();
  state->path = path.string();
  state->fd.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!state->fd) return fail_errno(fmt::format("{} cannot be opened", state->path), errno);
  struct stat info{};
  if (::fstat(state->fd.get(), &info) == 0 && S_ISDIR(info.st_mode))
    return fail(ErrorCode::invalid_argument, fmt::format("{} is a folder", state->path));
  CHIENG_CHECK(state->fill());
  state->kind = detect_kind(as_bytes(state->rest().substr(0, head_size)));
  if (state->kind != InputKind::text && state->kind != InputKind::json &&
      state->kind != InputKind::evtx)
    return fail(ErrorCode::unsupported, fmt::format("{}: this is no log of a known kind ({})",
                                                    state->path, to_string(state->kind)));
  return LogFileReader(std::move(state));
}

InputKind LogFileReader::kind() const {
  return state_->kind;
}

Result<bool> LogFileReader::next(LogEntry& entry) {
  if (state_->kind == InputKind::evtx) return state_->next_event(entry);
  return state_->kind == InputKind::json ? state_->next_object(entry) : state_->next_line(entry);
}

}  // namespace chieng::collector
