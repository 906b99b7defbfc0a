// The reading end of a spool: another process than the writer, read-only, follows it.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "core/error/result.h"
#include "core/event/envelope.h"
#include "transport/spool/record.h"

namespace chieng {

struct SpoolRange {  // of one lane: [oldest, next)
  std::uint64_t oldest = 1, next = 1;
};

// What stands at a position: first the gap, if something is missing there, then records of
// consecutive sequences up to the byte limit, the next gap or the end. Both empty: nothing there
// yet. next: where to read on.
struct SpoolRead {
  std::optional<SpoolGap> gap;
  std::vector<SpoolRecord> records;
  std::uint64_t next = 1;
};

// Owned by one thread. Sees only what the writer made durable. RAM: one block of 256 KiB a lane,
// the list of segment ids, and the records of one read. Opening lists the folder and reads no
// segment.
class SpoolReader {
 public:
  // unavailable: no writer has made this spool yet.
  [[nodiscard]] static Result<SpoolReader> open(const std::filesystem::path& folder);
  SpoolReader(SpoolReader&&) noexcept;
  SpoolReader& operator=(SpoolReader&&) noexcept;
  ~SpoolReader();

  [[nodiscard]] const Uuid& spool() const;
  [[nodiscard]] std::uint64_t epoch() const;
  // True: the writer was made anew (another uuid or epoch); open again.
  [[nodiscard]] Result<bool> replaced();
  // Picks up what the writer made durable since. Cheap: one read of 64 bytes where nothing changed.
  [[nodiscard]] Result<bool> refresh();  // true: something new
  [[nodiscard]] SpoolRange range(EventClass lane);
  // max_bytes bounds the sum of the bodies; one record is always returned, however large.
  [[nodiscard]] Result<SpoolRead> read(EventClass lane, std::uint64_t from, std::size_t max_bytes);

 private:
  struct State;
  explicit SpoolReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace chieng
