#include "transport/spool/writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/hash/crc32c.h"
#include "transport/spool/little.h"
#include "transport/spool/writer_state.h"

namespace chieng {
namespace {

constexpr std::size_t kMaxCheckpointBytes = 512UL << 10;  // all keys and values
constexpr std::size_t kMaxCheckpointKey = 4096;
constexpr mode_t kFileMode = 0640;
constexpr int kRoomRetries = 64;

Status write_at(int fd, std::string_view bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno("cannot write to the spool", errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return {};
}

std::string checkpoint_body(std::string_view key, std::string_view value) {
  std::string body;
  put_le(body, static_cast<std::uint16_t>(key.size()));
  body += key;
  body += value;
  return body;
}

RecordHeader checkpoint_header(std::string_view body) {
  RecordHeader h;
  h.kind = RecordKind::checkpoint;
  h.body_bytes = h.decoded_bytes = static_cast<std::uint32_t>(body.size());
  h.body_crc = crc32c(as_bytes(body));
  return h;
}

void put_record(std::string& out, const RecordHeader& header, std::string_view body) {
  encode_record_header(out, header);
  out += body;
  out.append(header.stored_bytes() - kRecordHeaderBytes - body.size(), '\0');
}

}  // namespace

void SpoolWriter::State::begin_group() {
  group = Group{};
  group.next = durable_next;
}

void SpoolWriter::State::add_record(const RecordHeader& header, std::string_view body) {
  group.last_header_at = group.bytes.size();
  group.last_header = header;
  put_record(group.bytes, header, body);
}

// The bytes to write: the last record says that the group ends with it.
std::string SpoolWriter::State::end_group() {
  std::string out = group.bytes;
  RecordHeader last = group.last_header;
  last.ends_group = true;
  std::string header;
  encode_record_header(header, last);
  out.replace(group.last_header_at, kRecordHeaderBytes, header);
  return out;
}

// Makes the file of a new segment with its header and a copy of all checkpoints, durable, and makes
// it the active one.
Status SpoolWriter::State::create_segment(const SegmentHeader& header, std::uint64_t room) {
  std::string bytes;
  encode_segment_header(bytes, header);
  std::size_t left = checkpoints.size();
  for (const auto& [key, value] : checkpoints) {
    const std::string body = checkpoint_body(key, value);
    RecordHeader h = checkpoint_header(body);
    h.ends_group = --left == 0;
    put_record(bytes, h, body);
  }
  const auto path = segments.path(header.id);
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
  if (!fd) return fail_errno("cannot create " + path.string(), errno);
  const std::uint64_t size = std::max(settings.segment_bytes, bytes.size() + room);
  const auto create = [&]() -> Status {
    if (::fallocate(fd.get(), 0, 0, static_cast<off_t>(size)) != 0 && errno != EOPNOTSUPP)
      return fail_errno("cannot allocate " + path.string(), errno);
    CHIENG_CHECK(write_at(fd.get(), bytes, 0));
    if (settings.sync_to_disk && ::fdatasync(fd.get()) != 0)
      return fail_errno("cannot sync " + path.string(), errno);
    return settings.sync_to_disk ? sync_folder(folder) : Status{};
  };
  if (Status done = create(); !done) {
    ::unlink(path.c_str());
    return done;
  }
  segments.add(header);
  sizes[header.id] = size;
  active = Active{std::move(fd), header, bytes.size(), size};
  return {};
}

Status SpoolWriter::State::rotate() {
  SegmentHeader header;
  header.spool = state.spool;
  header.epoch = state.epoch;
  header.id = active.header.id + 1;
  header.made_at = now().micros;
  header.next = durable_next;
  header.bytes_before = written_bytes;
  UniqueFd sealed = std::move(active.fd);
  const std::uint64_t sealed_id = active.header.id, sealed_bytes = active.offset;
  if (Status made = create_segment(header, group.bytes.size()); !made) {
    active.fd = std::move(sealed);
    return made;
  }
  // Only saves space: a reader stops at the zeros.
  if (sealed && ::ftruncate(sealed.get(), static_cast<off_t>(sealed_bytes)) == 0)
    sizes[sealed_id] = sealed_bytes;
  restore_reserve();
  return {};
}

Status SpoolWriter::State::write_group(std::string_view bytes) {
  if (!active.fd) CHIENG_CHECK(rotate());
  if (active.offset + bytes.size() > active.allocated && active.offset > kSegmentHeaderBytes)
    CHIENG_CHECK(rotate());
  const Status written = write_at(active.fd.get(), bytes, active.offset);
  const bool synced = written && (!settings.sync_to_disk || ::fdatasync(active.fd.get()) == 0);
  if (synced) return {};
  const int why = errno;
  ++write_errors;
  // After a failed fdatasync the kernel may call the pages clean: this descriptor proves nothing
  // any more. Whatever of the group reached the file must not be taken for a group by the next
  // recovery.
  if (::ftruncate(active.fd.get(), static_cast<off_t>(active.offset)) == 0)
    sizes[active.header.id] = active.offset;
  active.fd.reset();
  return written ? fail_errno("cannot sync the spool", why) : written;
}

void SpoolWriter::State::commit_group() {
  active.offset += group.bytes.size();
  active.allocated = std::max(active.allocated, active.offset);
  sizes[active.header.id] = active.allocated;
  durable_next = group.next;
  for (std::size_t lane = 0; lane < kEventClasses; ++lane)
    written_bytes[lane] += group.lane_bytes[lane];
  for (auto& [key, value] : group.checkpoints) {
    if (value.empty())
      checkpoints.erase(key);
    else
      checkpoints[key] = std::move(value);
  }
  ++syncs;
  shed_from = kEventClasses;
  begin_group();
}

SpoolWriter::SpoolWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
SpoolWriter::SpoolWriter(SpoolWriter&&) noexcept = default;
SpoolWriter& SpoolWriter::operator=(SpoolWriter&&) noexcept = default;
SpoolWriter::~SpoolWriter() = default;

Result<std::uint64_t> SpoolWriter::append(const Envelope& envelope, std::string_view json) {
  State& s = *state_;
  const std::size_t lane = lane_index(envelope.event_class);
  if (lane >= s.shed_from) {
    ++s.refused;
    return fail(ErrorCode::no_space,
                "the spool is full and holds nothing less important than this " +
                    std::string(to_string(envelope.event_class)) + " event");
  }
  CHIENG_TRY(const SpoolRecord record, make_record(envelope, json, s.settings.codec));
  RecordHeader h{static_cast<std::uint32_t>(record.body.size()),
                 s.group.next[lane],
                 RecordKind::event,
                 envelope.event_class,
                 record.codec,
                 false,
                 record.key_id,
                 record.decoded_bytes,
                 record.body_crc};
  if (s.group.bytes.size() + h.stored_bytes() > s.settings.max_group_bytes) {
    ++s.refused;
    return fail(ErrorCode::limit, "more than " + std::to_string(s.settings.max_group_bytes) +
                                      " bytes wait for the spool's next sync");
  }
  s.add_record(h, record.body);
  s.group.lane_bytes[lane] += h.stored_bytes();
  s.group.most_important = std::min(s.group.most_important, lane);
  return s.group.next[lane]++;
}

Status SpoolWriter::checkpoint(std::string_view key, std::string_view value) {
  State& s = *state_;
  if (key.empty() || key.size() > kMaxCheckpointKey)
    return fail(ErrorCode::invalid_argument, "a checkpoint's key has 1 to 4096 bytes");
  const auto known = s.checkpoints.find(key);
  const std::size_t before = known == s.checkpoints.end() ? 0 : key.size() + known->second.size();
  std::size_t all = key.size() + value.size();
  for (const auto& [k, v] : s.checkpoints) all += k.size() + v.size();
  if (all - before > kMaxCheckpointBytes)
    return fail(ErrorCode::limit, "the checkpoints of a spool have at most " +
                                      std::to_string(kMaxCheckpointBytes) +
                                      " bytes together; forget keys that are no longer needed");
  const std::string body = checkpoint_body(key, value);
  s.add_record(checkpoint_header(body), body);
  s.group.checkpoints.emplace_back(key, value);
  return {};
}

Status SpoolWriter::sync() {
  State& s = *state_;
  if (s.group.bytes.empty()) return {};
  const std::string bytes = s.end_group();
  const std::size_t importance = std::min<std::size_t>(s.group.most_important, kEventClasses - 1);
  Status written = s.make_room(bytes.size(), importance);
  for (int i = 0; written && i < kRoomRetries; ++i) {
    written = s.write_group(bytes);
    if (written || written.error().code != ErrorCode::no_space) break;
    const bool reserve = s.give_up_reserve();
    // Others fill the disk, not this spool: giving up events as important as these gains nothing.
    const auto freed = s.free_something(importance + 1);
    if (!reserve && (!freed || !*freed)) break;
    if (i + 1 < kRoomRetries) written = Status{};
  }
  // One more try in a fresh segment: the disk may refuse only the old one.
  if (!written && written.error().code == ErrorCode::io) written = s.write_group(bytes);
  if (!written) {
    if (written.error().code == ErrorCode::no_space) s.shed_from = importance == 0 ? 1 : importance;
    return written;
  }
  s.commit_group();
  return s.tail_file.write({s.active.header.id, s.active.offset, s.durable_next});
}

bool SpoolWriter::has_unsynced() const {
  return !state_->group.bytes.empty();
}
std::uint64_t SpoolWriter::unsynced_bytes() const {
  return state_->group.bytes.size();
}

std::optional<std::string> SpoolWriter::last_checkpoint(std::string_view key) const {
  const auto found = state_->checkpoints.find(key);
  if (found == state_->checkpoints.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> SpoolWriter::checkpoint_keys() const {
  std::vector<std::string> out;
  for (const auto& [key, value] : state_->checkpoints) out.push_back(key);
  return out;
}

Status SpoolWriter::acknowledge(EventClass lane, std::uint64_t sequence) {
  State& s = *state_;
  std::uint64_t& acknowledged = s.state.acknowledged[lane_index(lane)];
  // A server that knows more than was ever written here is speaking of another life of this spool.
  sequence = std::min(sequence, s.durable_next[lane_index(lane)] - 1);
  if (sequence <= acknowledged) return {};
  acknowledged = sequence;
  return s.remove_retained();
}

std::vector<SpoolEviction> SpoolWriter::take_evictions() {
  return std::exchange(state_->evictions, {});
}
const Uuid& SpoolWriter::spool() const {
  return state_->state.spool;
}
std::uint64_t SpoolWriter::epoch() const {
  return state_->state.epoch;
}

SpoolStats SpoolWriter::stats() const {
  const State& s = *state_;
  SpoolStats out{s.durable_next,
                 s.state.acknowledged,
                 s.state.evicted,
                 s.state.evicted_records,
                 {},
                 s.disk_bytes(),
                 s.syncs,
                 s.refused,
                 s.write_errors};
  for (std::size_t lane = 0; lane < kEventClasses; ++lane)
    out.live_bytes[lane] = s.live_bytes(lane);
  return out;
}

}  // namespace chieng
