// The writing end of a spool (docs/spool-format.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error/result.h"
#include "core/event/envelope.h"
#include "transport/spool/record.h"

namespace chieng {

struct SpoolSettings {
  std::uint64_t segment_bytes = 4ULL << 20;  // at most 64 MiB
  std::uint64_t total_bytes = 1ULL << 30;    // the disk bound of the whole spool
  LaneNumbers lane_bytes{};                  // a bound of each lane's own; 0: only the whole's
  std::uint64_t free_space_floor =
      256ULL << 20;  // free bytes of the file system that stay free; lane 0 may use them
  std::uint64_t reserve_bytes = 4ULL << 20;  // preallocated, given up to make room on a full disk
  std::uint64_t max_group_bytes = 16ULL << 20;  // RAM between two syncs
  std::uint64_t retain_acknowledged_bytes = 200ULL << 20;
  std::int64_t retain_acknowledged_seconds = 86'400;
  Codec codec = Codec::plain;
  bool sync_to_disk = true;  // false: tests and benchmarks only
};

struct SpoolEviction {  // what the disk bound cost, for health events; the server learns it as GAP
                        // frames
  EventClass lane = EventClass::metadata;
  std::uint64_t first = 0, last = 0;
};

struct SpoolStats {
  LaneNumbers next{}, acknowledged{}, evicted{}, evicted_records{};
  LaneNumbers live_bytes{};      // not acknowledged, by whole segments: an upper bound
  std::uint64_t disk_bytes = 0;  // all segments
  std::uint64_t syncs = 0, refused = 0, write_errors = 0;
};

// Owned by the producer's spool thread, which alone calls it. One writer a folder (flock). RAM: the
// group being collected, at most max_group_bytes, and the live checkpoints, at most 512 KiB.
class SpoolWriter {
 public:
  // Makes the folder where it is missing; recovers after a crash; removes what a crash left half
  // done.
  [[nodiscard]] static Result<SpoolWriter> open(const std::filesystem::path& folder,
                                                const SpoolSettings& settings);
  SpoolWriter(SpoolWriter&&) noexcept;
  SpoolWriter& operator=(SpoolWriter&&) noexcept;
  ~SpoolWriter();  // closes without sync: what was not synced was not taken

  // Adds an event to the group; its lane is the envelope's class. The sequence counts as given only
  // after sync(). limit: the event is larger than kMaxRecordBody or the group is full (sync first);
  // no_space: the disk bound, and nothing of a lower class is left to evict. Then the event has no
  // sequence: count it as lost before the spool.
  [[nodiscard]] Result<std::uint64_t> append(const Envelope& envelope, std::string_view json);
  // Adds a checkpoint: durable together with every event appended before it. Empty value: forget
  // the key.
  [[nodiscard]] Status checkpoint(std::string_view key, std::string_view value);
  // One write, one fdatasync. Only then are the group's records taken. On failure the group is
  // kept, sync() may be called again, and nothing of it counts as taken until it succeeds.
  [[nodiscard]] Status sync();
  [[nodiscard]] bool has_unsynced() const;
  [[nodiscard]] std::uint64_t unsynced_bytes() const;

  // The value last synced (also before open); nothing where the key is unknown.
  [[nodiscard]] std::optional<std::string> last_checkpoint(std::string_view key) const;
  [[nodiscard]] std::vector<std::string> checkpoint_keys() const;

  // The server has committed everything up to sequence: frees segments. Lower numbers than before
  // are ignored.
  [[nodiscard]] Status acknowledge(EventClass lane, std::uint64_t sequence);
  // Evictions since the last call.
  [[nodiscard]] std::vector<SpoolEviction> take_evictions();

  [[nodiscard]] const Uuid& spool() const;
  [[nodiscard]] std::uint64_t epoch() const;
  [[nodiscard]] SpoolStats stats() const;

 private:
  struct State;
  explicit SpoolWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace chieng
