#include "transport/spool/reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <variant>

#include "core/file/file.h"
#include "transport/spool/scanner.h"
#include "transport/spool/segment_list.h"
#include "transport/spool/small_files.h"

namespace chieng {
namespace {

constexpr int kVanishedRetries =
    8;  // segments that the writer removed under our hands, in one read

struct Cursor {                // where a lane stands
  std::uint64_t expected = 0;  // 0: nowhere yet
  std::uint64_t segment = 0;
  UniqueFd fd;
  std::optional<RecordScanner> scanner;
  std::uint64_t bound = 0;                   // sequences from here on belong to a later segment
  std::optional<RecordScanner::Found> held;  // found, not yet given out
};

struct Missing {
  std::uint64_t first, last;
};
struct Nothing {};
struct Vanished {};  // the segment was removed: list again
using Step = std::variant<SpoolRecord, Missing, Nothing, Vanished>;

}  // namespace

struct SpoolReader::State {
  std::filesystem::path folder;
  SpoolState identity;
  TailFile tail_file;
  std::optional<SpoolTail> tail;
  SegmentList segments;
  std::array<Cursor, kEventClasses> cursors;

  State(std::filesystem::path f, const SpoolState& state)
      : folder(f), identity(state), segments(std::move(f), state.spool, state.epoch) {}

  Status list() {
    CHIENG_CHECK(segments.refresh());
    if (tail) segments.truncate(tail->segment);
    return {};
  }
  // The first sequence of the lane that is not durable yet.
  std::uint64_t upper(std::size_t lane) const {
    if (tail) return tail->next[lane];
    if (segments.size() == 0) return 1;
    const auto* last = segments.header(segments.size() - 1);
    return last ? last->next[lane] : 1;
  }
  std::uint64_t durable_bytes(std::uint64_t id, int fd) const {
    if (tail && id == tail->segment) return tail->bytes;
    struct stat info{};
    return ::fstat(fd, &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
  }
  std::uint64_t bound_of(std::uint64_t id, std::size_t lane) const;
  bool go_to(Cursor& cursor, std::size_t index, std::size_t lane);
  std::optional<Step> at_end(Cursor& cursor, std::size_t lane);
  Step step(Cursor& cursor, std::size_t lane);
  SpoolGap classify(std::size_t lane, Missing missing) const;
};

std::uint64_t SpoolReader::State::bound_of(std::uint64_t id, std::size_t lane) const {
  const auto& ids = segments.ids();
  for (auto after = std::ranges::upper_bound(ids, id); after != ids.end(); ++after)
    if (const auto* header = segments.header(static_cast<std::size_t>(after - ids.begin())))
      return header->next[lane];
  return upper(lane);
}

bool SpoolReader::State::go_to(Cursor& cursor, std::size_t index, std::size_t lane) {
  cursor.segment = segments.ids()[index];
  cursor.held.reset();
  cursor.scanner.reset();
  cursor.fd.reset(::open(segments.path(cursor.segment).c_str(), O_RDONLY | O_CLOEXEC));
  if (!cursor.fd) return false;
  cursor.scanner.emplace(cursor.fd.get(), kSegmentHeaderBytes,
                         durable_bytes(cursor.segment, cursor.fd.get()));
  cursor.bound = bound_of(cursor.segment, lane);
  return true;
}

// The scanner is at the end of its segment: either something is missing there, or the next segment
// is opened.
std::optional<Step> SpoolReader::State::at_end(Cursor& cursor, std::size_t lane) {
  const auto& ids = segments.ids();
  const auto after = std::ranges::upper_bound(ids, cursor.segment);
  if (after == ids.end()) {
    if (cursor.expected < upper(lane)) return Missing{cursor.expected, upper(lane) - 1};
    return Nothing{};
  }
  auto index = static_cast<std::size_t>(after - ids.begin());
  if (const auto* header = segments.header(index)) {
    if (cursor.expected < header->next[lane])
      return Missing{cursor.expected, header->next[lane] - 1};
    index = std::max(index, segments.locate(lane, cursor.expected));
  }
  if (!go_to(cursor, index, lane)) return Vanished{};
  return std::nullopt;
}

Step SpoolReader::State::step(Cursor& cursor, std::size_t lane) {
  if (!cursor.scanner) {
    if (segments.size() == 0) {
      if (cursor.expected < upper(lane)) return Missing{cursor.expected, upper(lane) - 1};
      return Nothing{};
    }
    if (!go_to(cursor, segments.locate(lane, cursor.expected), lane)) return Vanished{};
  }
  for (;;) {
    if (cursor.held && cursor.held->header.sequence < cursor.expected) cursor.held.reset();
    if (cursor.held) {
      const RecordHeader& h = cursor.held->header;
      if (h.sequence > cursor.expected) return Missing{cursor.expected, h.sequence - 1};
      SpoolRecord record{h.sequence, h.codec, h.key_id, h.decoded_bytes, h.body_crc, {}};
      if (!cursor.scanner->body(*cursor.held, record.body)) return Missing{h.sequence, h.sequence};
      return record;
    }
    auto found = cursor.scanner->next();
    if (!found) {
      if (auto out = at_end(cursor, lane)) return std::move(*out);
      continue;
    }
    const RecordHeader& h = found->header;
    if (h.kind != RecordKind::event || lane_index(h.lane) != lane) continue;
    if (h.sequence >= cursor.expected && h.sequence < cursor.bound) cursor.held = *found;
  }
}

// The front part of what is missing for which one reason holds.
SpoolGap SpoolReader::State::classify(std::size_t lane, Missing missing) const {
  const auto read = read_spool_state(folder);
  const SpoolState& state = read && *read ? **read : identity;
  const auto gap = [&](std::uint64_t last, GapReason reason) {
    return SpoolGap{static_cast<EventClass>(lane), missing.first, std::min(missing.last, last),
                    reason};
  };
  if (missing.first <= state.acknowledged[lane])
    return gap(state.acknowledged[lane], GapReason::absent);
  if (missing.first <= state.evicted[lane]) return gap(state.evicted[lane], GapReason::evicted);
  return gap(missing.last, GapReason::damaged);
}

SpoolReader::SpoolReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
SpoolReader::SpoolReader(SpoolReader&&) noexcept = default;
SpoolReader& SpoolReader::operator=(SpoolReader&&) noexcept = default;
SpoolReader::~SpoolReader() = default;

Result<SpoolReader> SpoolReader::open(const std::filesystem::path& folder) {
  CHIENG_TRY(const auto state, read_spool_state(folder));
  if (!state) return fail(ErrorCode::unavailable, "no spool is there yet", folder.string());
  auto out = std::make_unique<State>(folder, *state);
  CHIENG_CHECK(out->tail_file.open_for_reading(folder));
  out->tail = out->tail_file.read();
  CHIENG_CHECK(out->list());
  return SpoolReader(std::move(out));
}

const Uuid& SpoolReader::spool() const {
  return state_->identity.spool;
}
std::uint64_t SpoolReader::epoch() const {
  return state_->identity.epoch;
}

Result<bool> SpoolReader::replaced() {
  CHIENG_TRY(const auto state, read_spool_state(state_->folder));
  return state && (state->spool != spool() || state->epoch != epoch());
}

Result<bool> SpoolReader::refresh() {
  const auto tail = state_->tail_file.read();
  if (!tail) return false;
  const bool first = !state_->tail;
  if (!first && tail->segment == state_->tail->segment && tail->bytes == state_->tail->bytes)
    return false;
  const bool other_segment = first || tail->segment != state_->tail->segment;
  state_->tail = tail;
  if (other_segment) CHIENG_CHECK(state_->list());
  for (std::size_t lane = 0; lane < kEventClasses; ++lane) {
    Cursor& cursor = state_->cursors[lane];
    if (!cursor.scanner) continue;
    cursor.scanner->extend(state_->durable_bytes(cursor.segment, cursor.fd.get()));
    cursor.bound = state_->bound_of(cursor.segment, lane);
  }
  return true;
}

SpoolRange SpoolReader::range(EventClass lane) {
  const std::size_t l = lane_index(lane);
  SpoolRange out{1, state_->upper(l)};
  for (std::size_t i = 0; i < state_->segments.size(); ++i)
    if (const auto* header = state_->segments.header(i)) {
      out.oldest = header->next[l];
      return out;
    }
  out.oldest = out.next;
  return out;
}

Result<SpoolRead> SpoolReader::read(EventClass lane, std::uint64_t from, std::size_t max_bytes) {
  CHIENG_CHECK(refresh());
  const std::size_t l = lane_index(lane);
  Cursor& cursor = state_->cursors[l];
  from = std::max<std::uint64_t>(from, 1);
  if (cursor.expected != from) {
    cursor = Cursor{};
    cursor.expected = from;
  }
  SpoolRead out;
  out.next = from;
  std::size_t bytes = 0;
  int vanished = 0;
  while (cursor.expected < state_->upper(l)) {
    Step step = state_->step(cursor, l);
    if (auto* record = std::get_if<SpoolRecord>(&step)) {
      if (!out.records.empty() && bytes + record->body.size() > max_bytes) break;
      bytes += record->body.size();
      cursor.expected = record->sequence + 1;
      out.records.push_back(std::move(*record));
    } else if (const auto* missing = std::get_if<Missing>(&step)) {
      if (!out.records.empty()) break;
      const SpoolGap gap = state_->classify(l, *missing);
      if (out.gap && out.gap->reason != gap.reason) break;
      if (out.gap)
        out.gap->last = gap.last;
      else
        out.gap = gap;
      cursor.expected = gap.last + 1;
    } else if (std::holds_alternative<Vanished>(step)) {
      if (++vanished > kVanishedRetries)
        return fail(ErrorCode::unavailable, "segments vanish while they are read",
                    state_->folder.string());
      cursor.scanner.reset();
      cursor.held.reset();
      CHIENG_CHECK(state_->list());
    } else {
      break;
    }
  }
  out.next = cursor.expected;
  return out;
}

}  // namespace chieng
