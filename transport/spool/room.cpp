// Freeing disk space: what the server has goes first, then the oldest of the lowest class.
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "transport/spool/writer_state.h"

namespace chieng {
namespace {

constexpr mode_t kFileMode = 0640;

std::optional<std::uint64_t> free_bytes(const std::filesystem::path& folder) {
  struct statvfs info{};
  if (::statvfs(folder.c_str(), &info) != 0) return std::nullopt;
  return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
}

}  // namespace

std::uint64_t SpoolWriter::State::disk_bytes() const {
  std::uint64_t out = 0;
  for (const auto& [id, bytes] : sizes) out += bytes;
  return out;
}

std::uint64_t SpoolWriter::State::gone(std::size_t lane) const {
  return std::max(state.acknowledged[lane], state.evicted[lane]);
}

std::uint64_t SpoolWriter::State::end_of(std::size_t index, std::size_t lane) const {
  for (std::size_t i = index + 1; i < segments.size(); ++i)
    if (const auto* header = segments.header(i)) return header->next[lane];
  return durable_next[lane];
}

bool SpoolWriter::State::fully_gone(std::size_t index) const {
  for (std::size_t lane = 0; lane < kEventClasses; ++lane)
    if (end_of(index, lane) > gone(lane) + 1) return false;
  return true;
}

std::uint64_t SpoolWriter::State::live_bytes(std::size_t lane) const {
  if (gone(lane) + 1 >= durable_next[lane]) return 0;
  const std::size_t first = segments.locate(lane, gone(lane) + 1);
  const auto* header = first < segments.size() ? segments.header(first) : nullptr;
  return written_bytes[lane] - (header ? header->bytes_before[lane] : 0);
}

Status SpoolWriter::State::remove_segment(std::size_t index) {
  const std::uint64_t id = segments.ids()[index];
  if (::unlink(segments.path(id).c_str()) != 0 && errno != ENOENT)
    return fail_errno("cannot remove " + segments.path(id).string(), errno);
  sizes.erase(id);
  segments.remove(index);
  return settings.sync_to_disk ? sync_folder(folder) : Status{};
}

// Writes the segment again with only what is neither acknowledged nor evicted, or removes it when
// nothing is.
Status SpoolWriter::State::rewrite_without(std::size_t index) {
  if (fully_gone(index)) return remove_segment(index);
  const std::uint64_t id = segments.ids()[index];
  const auto path = segments.path(id);
  const UniqueFd in(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const auto* header = segments.header(index);
  if (!in) return fail_errno("cannot open " + path.string(), errno);
  if (header == nullptr) return {};  // what can be read in it stays; it goes when all of it is gone
  std::string out, body;
  encode_segment_header(out, *header);
  RecordScanner scanner(in.get(), kSegmentHeaderBytes, sizes[id]);
  while (const auto found = scanner.next()) {
    const RecordHeader& h = found->header;
    const std::size_t lane = lane_index(h.lane);
    if (h.kind != RecordKind::event || h.sequence <= gone(lane) ||
        h.sequence >= end_of(index, lane))
      continue;
    if (!scanner.body(*found, body)) continue;
    encode_record_header(out, h);
    out += body;
    out.append(h.stored_bytes() - kRecordHeaderBytes - body.size(), '\0');
  }
  CHIENG_CHECK(write_file_atomic(path, out, kFileMode));
  sizes[id] = out.size();
  return {};
}

Result<bool> SpoolWriter::State::evict_oldest(std::size_t lane) {
  if (gone(lane) + 1 >= durable_next[lane]) return false;
  std::size_t index = segments.locate(lane, gone(lane) + 1);
  while (index + 1 < segments.size() && end_of(index, lane) <= gone(lane) + 1) ++index;
  if (index + 1 >= segments.size()) {
    // Its oldest is in the segment being written: closing that one makes it evictable.
    if (active.offset <= kSegmentHeaderBytes) return false;
    CHIENG_CHECK(rotate());
  }
  const std::uint64_t first = gone(lane) + 1, last = end_of(index, lane) - 1;
  state.evicted[lane] = last;
  state.evicted_records[lane] += last - first + 1;
  // First durable that they are given up, then gone: a crash between the two leaves records, never
  // an untold hole.
  CHIENG_CHECK(state_file.write(state));
  evictions.push_back({static_cast<EventClass>(lane), first, last});
  Status done = rewrite_without(index);
  if (!done && done.error().code == ErrorCode::no_space) {
    (void)give_up_reserve();
    done = rewrite_without(index);
  }
  CHIENG_CHECK(done);
  return true;
}

Result<bool> SpoolWriter::State::free_something(std::size_t most_important) {
  if (segments.size() > 1 && fully_gone(0)) {
    CHIENG_CHECK(state_file.write(state));
    CHIENG_CHECK(remove_segment(0));
    return true;
  }
  for (std::size_t lane = kEventClasses; lane-- > most_important;) {
    CHIENG_TRY(const bool freed, evict_oldest(lane));
    if (freed) return true;
  }
  return false;
}

Status SpoolWriter::State::make_room(std::uint64_t bytes, std::size_t most_important) {
  for (std::size_t lane = most_important; lane < kEventClasses; ++lane)
    while (settings.lane_bytes[lane] != 0 &&
           live_bytes(lane) + group.lane_bytes[lane] > settings.lane_bytes[lane]) {
      CHIENG_TRY(const bool freed, evict_oldest(lane));
      if (!freed) break;
    }
  const auto needed = [&]() -> std::uint64_t {
    const bool fits = active.fd && active.offset + bytes <= active.allocated;
    return fits ? 0 : std::max(settings.segment_bytes, bytes);
  };
  while (disk_bytes() + needed() > settings.total_bytes) {
    CHIENG_TRY(const bool freed, free_something(most_important));
    if (!freed)
      return fail(ErrorCode::no_space, "the spool has reached its bound of " +
                                           std::to_string(settings.total_bytes) +
                                           " bytes and holds nothing less important to give up");
  }
  if (most_important == 0 || needed() == 0) return {};
  for (auto space = free_bytes(folder); space && *space < settings.free_space_floor + needed();
       space = free_bytes(folder)) {
    CHIENG_TRY(const bool freed, free_something(most_important));
    if (!freed)
      return fail(ErrorCode::no_space,
                  "only " + std::to_string(*space) + " bytes are free on the spool's disk, " +
                      std::to_string(settings.free_space_floor) + " must stay free");
  }
  return {};
}

// What the server has is kept for a while, since a server restored from a backup asks for it again.
Status SpoolWriter::State::remove_retained() {
  std::size_t retained = 0;
  std::uint64_t bytes = 0;
  while (retained + 1 < segments.size() && fully_gone(retained))
    bytes += sizes[segments.ids()[retained++]];
  bool saved = false;
  while (retained > 0) {
    const auto* after = segments.header(1);  // its making is the end of segment 0
    const std::int64_t age =
        after ? (now().micros - after->made_at) / 1'000'000 : settings.retain_acknowledged_seconds;
    if (bytes <= settings.retain_acknowledged_bytes && age < settings.retain_acknowledged_seconds)
      break;
    if (!saved) CHIENG_CHECK(state_file.write(state));
    saved = true;
    bytes -= std::min(bytes, sizes[segments.ids()[0]]);
    CHIENG_CHECK(remove_segment(0));
    --retained;
  }
  return {};
}

bool SpoolWriter::State::give_up_reserve() {
  return ::unlink((folder / "reserve").c_str()) == 0;
}

void SpoolWriter::State::restore_reserve() {
  if (settings.reserve_bytes == 0) return;
  const auto path = folder / "reserve";
  const auto space = free_bytes(folder);
  if (::access(path.c_str(), F_OK) == 0 || !space || *space < 4 * settings.reserve_bytes) return;
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, kFileMode));
  if (fd && ::fallocate(fd.get(), 0, 0, static_cast<off_t>(settings.reserve_bytes)) != 0)
    (void)give_up_reserve();
}

}  // namespace chieng
