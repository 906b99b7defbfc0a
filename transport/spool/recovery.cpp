// Opening a spool: what was durable is found again, what was not is cut off.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/bytes/reader.h"
#include "transport/spool/writer_state.h"

namespace chieng {
namespace fs = std::filesystem;
namespace {

constexpr mode_t kFileMode = 0640;
constexpr std::uint64_t kMaxSegmentBytes = 64ULL << 20;

Status check(const SpoolSettings& s) {
  if (s.segment_bytes < 4096 || s.segment_bytes > kMaxSegmentBytes)
    return fail(ErrorCode::invalid_argument, "a spool segment has 4096 to 67108864 bytes, not " +
                                                 std::to_string(s.segment_bytes));
  if (s.total_bytes < 2 * s.segment_bytes)
    return fail(ErrorCode::invalid_argument, "a spool of " + std::to_string(s.total_bytes) +
                                                 " bytes cannot hold two segments of " +
                                                 std::to_string(s.segment_bytes));
  return {};
}

Result<UniqueFd> take_lock(const fs::path& folder) {
  const auto path = folder / "lock";
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode));
  if (!fd) return fail_errno("cannot open " + path.string(), errno);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0)
    return fail(ErrorCode::exists, "another process writes this spool; stop it first",
                folder.string());
  return fd;
}

void remove_half_done(const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (it->path().extension() == ".new") ::unlink(it->path().c_str());
}

std::optional<SegmentHeader> newest_header(const fs::path& folder) {
  std::optional<SegmentHeader> best;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (!parse_segment_name(it->path().filename().native())) continue;
    char bytes[kSegmentHeaderBytes];
    const UniqueFd fd(::open(it->path().c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd || ::pread(fd.get(), bytes, sizeof bytes, 0) != static_cast<ssize_t>(sizeof bytes))
      continue;
    const auto header = decode_segment_header(as_bytes({bytes, sizeof bytes}));
    if (header && (!best || header->id > best->id)) best = header;
  }
  return best;
}

std::uint64_t file_bytes(int fd) {
  struct stat info{};
  return ::fstat(fd, &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

std::optional<std::pair<std::string, std::string>> parse_checkpoint(std::string_view body) {
  Reader in(as_bytes(body));
  const std::size_t key = in.u16le();
  const Bytes name = in.take(key);
  if (!in.ok() || name.empty()) return std::nullopt;
  return std::pair{std::string(as_text(name)), std::string(as_text(in.rest()))};
}

// Made, but killed before its header was written: nothing was ever stored in it.
bool never_begun(const fs::path& path) {
  char bytes[kSegmentHeaderBytes] = {};
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return fd && ::pread(fd.get(), bytes, sizeof bytes, 0) >= 0 &&
         std::ranges::all_of(bytes, [](char c) { return c == 0; });
}

// What one segment holds up to its last whole group.
struct Contents {
  std::uint64_t end = kSegmentHeaderBytes;  // behind the last whole group
  LaneNumbers next{}, bytes{};
  Checkpoints checkpoints;
  bool damaged = false;  // before durable
};

struct Group {
  LaneNumbers next{}, bytes{};
  Checkpoints checkpoints;
};

void take_group(Contents& out, Group& group) {
  out.next = group.next;
  out.bytes = group.bytes;
  for (auto& [key, value] : group.checkpoints) out.checkpoints[key] = std::move(value);
  group.checkpoints.clear();
}

void add_to_group(Group& group, const RecordHeader& h, bool good, std::string_view body) {
  if (h.kind == RecordKind::checkpoint) {
    if (auto entry = good ? parse_checkpoint(body) : std::nullopt)
      group.checkpoints[entry->first] = entry->second;
    return;
  }
  const std::size_t lane = lane_index(h.lane);
  group.next[lane] = std::max(group.next[lane], h.sequence + 1);
  group.bytes[lane] += h.stored_bytes();
}

// durable: up to where this segment is known to have been written whole (whole_groups: and to end
// with a group); damage before it is stepped over, behind it a bad record is where a write was cut
// short.
Contents read_contents(int fd, std::uint64_t durable, bool whole_groups, const LaneNumbers& next) {
  Contents out;
  Group group;
  out.next = group.next = next;
  RecordScanner scanner(fd, kSegmentHeaderBytes, file_bytes(fd));
  std::string body;
  while (const auto found = scanner.next()) {
    const bool vouched = found->offset < durable;
    const bool good = scanner.body(*found, body);
    if (!good || found->after_damage) {
      if (!vouched) break;
      out.damaged = true;
    }
    // The last record of a group that is known to be whole may be the damaged one.
    if (whole_groups && !vouched && out.end < durable) take_group(out, group);
    add_to_group(group, found->header, good, body);
    // A damaged last record of a group proves nothing unless the group is known, or another one
    // follows it.
    if (!found->header.ends_group || (!good && !whole_groups)) continue;
    out.end = found->end();
    take_group(out, group);
  }
  if (whole_groups && out.end < durable) take_group(out, group);
  return out;
}

}  // namespace

void SpoolWriter::State::load_checkpoints(std::size_t index) {
  const UniqueFd fd(::open(segments.path(segments.ids()[index]).c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return;
  take_checkpoints(read_contents(fd.get(), file_bytes(fd.get()), true, {}).checkpoints);
}

void SpoolWriter::State::take_checkpoints(const Checkpoints& found) {
  for (const auto& [key, value] : found) {
    if (value.empty())
      checkpoints.erase(key);
    else
      checkpoints[key] = value;
  }
}

// start_new: the last segment cannot be written on.
void SpoolWriter::State::adopt_last_segment(const std::optional<SpoolTail>& tail, bool& start_new) {
  const std::size_t last = segments.size() - 1;
  const std::uint64_t id = segments.ids()[last];
  active.header.id = id;
  const SegmentHeader* header = segments.header(last);
  UniqueFd fd(::open(segments.path(id).c_str(), O_RDWR | O_CLOEXEC));
  if (header == nullptr || !fd) {
    // Without tail nothing says how many records it had; no more than this, and no number may be
    // used twice.
    if (!tail)
      for (std::size_t lane = 0; lane < kEventClasses; ++lane)
        durable_next[lane] =
            (last > 0 ? end_of(last - 1, lane) : 1) + kMaxSegmentBytes / kRecordHeaderBytes;
    start_new = true;
    return;
  }
  // Without tail block nothing tells damage from a write cut short: then whatever can be read was
  // vouched for.
  const std::uint64_t on_disk = file_bytes(fd.get());
  const std::uint64_t durable = !tail ? on_disk : tail->segment == id ? tail->bytes : 0;
  const Contents contents = read_contents(fd.get(), durable, tail.has_value(), header->next);
  // A segment that tail does not know yet may lack the copies of the checkpoints it begins with.
  if (last > 0 && (contents.damaged || durable == 0)) load_checkpoints(last - 1);
  take_checkpoints(contents.checkpoints);
  durable_next = contents.next;
  for (std::size_t lane = 0; lane < kEventClasses; ++lane)
    written_bytes[lane] = header->bytes_before[lane] + contents.bytes[lane];
  start_new = contents.damaged || (tail && contents.end < durable);
  active = Active{std::move(fd), *header, contents.end, contents.end};
  // Records of a write that was cut short must not be taken for good ones later.
  if (!start_new && ::ftruncate(active.fd.get(), static_cast<off_t>(active.offset)) != 0)
    start_new = true;
  if (start_new) active.offset = std::max(durable, contents.end);
  sizes[id] = file_bytes(active.fd.get());
}

Status SpoolWriter::State::recover() {
  CHIENG_CHECK(state_file.open(folder, settings.sync_to_disk));
  CHIENG_CHECK(tail_file.open_for_writing(folder));
  CHIENG_CHECK(segments.refresh());
  const auto tail = tail_file.read();
  durable_next.fill(1);
  bool start_new = true;
  for (const std::uint64_t id : segments.ids()) {
    std::error_code error;
    const auto bytes = fs::file_size(segments.path(id), error);
    sizes[id] = error ? 0 : bytes;
  }
  if (tail && segments.size() > 1 && segments.ids().back() > tail->segment &&
      never_begun(segments.path(segments.ids().back())))
    CHIENG_CHECK(remove_segment(segments.size() - 1));
  if (segments.size() > 0) adopt_last_segment(tail, start_new);
  if (tail) {
    for (std::size_t lane = 0; lane < kEventClasses; ++lane)
      durable_next[lane] = std::max(durable_next[lane], tail->next[lane]);
    if (tail->segment > active.header.id) {  // the segment itself is gone
      active = Active{};
      active.header.id = tail->segment;
      start_new = true;
    }
  }
  for (std::size_t lane = 0; lane < kEventClasses; ++lane)
    durable_next[lane] = std::max(durable_next[lane], gone(lane) + 1);
  CHIENG_CHECK(state_file.write(state));
  begin_group();
  if (start_new) {
    if (segments.size() > 0) CHIENG_CHECK(make_room(0, 0));
    CHIENG_CHECK(rotate());
  } else {
    if (::fallocate(active.fd.get(), 0, 0, static_cast<off_t>(settings.segment_bytes)) == 0) {
      active.allocated = std::max(active.offset, settings.segment_bytes);
      sizes[active.header.id] = active.allocated;
    }
    if (settings.sync_to_disk && ::fdatasync(active.fd.get()) != 0)
      return fail_errno("cannot sync the spool", errno);
  }
  restore_reserve();
  return tail_file.write({active.header.id, active.offset, durable_next});
}

Result<SpoolWriter> SpoolWriter::open(const fs::path& folder, const SpoolSettings& settings) {
  CHIENG_CHECK(check(settings));
  std::error_code error;
  if (fs::create_directories(folder, error))
    fs::permissions(folder, static_cast<fs::perms>(0750), error);
  if (error) return fail_errno("cannot create " + folder.string(), error.value());
  CHIENG_TRY(UniqueFd lock, take_lock(folder));
  remove_half_done(folder);
  CHIENG_TRY(std::optional<SpoolState> state, read_spool_state(folder));
  if (!state) {
    state.emplace();
    if (const auto header = newest_header(folder)) {
      state->spool = header->spool;
      state->epoch = header->epoch;
    } else {
      state->spool = Uuid::random();
      ::unlink((folder / "tail").c_str());
    }
  }
  auto out = std::make_unique<State>(folder, settings, *state);
  out->lock = std::move(lock);
  CHIENG_CHECK(out->recover());
  return SpoolWriter(std::move(out));
}

}  // namespace chieng
