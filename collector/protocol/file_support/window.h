// The part of a growing body or file that rules look at. Text is kept up to a limit; looks happen
// in windows: the first once enough is there (or nothing more will come), later ones over new data
// with some of the old in front.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/inspect/transaction.h"

namespace chieng::collector {

struct WindowSettings {
  std::uint64_t limit = 0;  // bytes kept in all; 0: no limit, then at most kUnlimitedKept at a time
  std::uint32_t first_look = 0;  // bytes before the first look
  std::uint32_t window = 4096;   // least size of a later look
};

// Owned by a transaction. Holds at most settings.limit bytes.
class InspectionWindow {
 public:
  static constexpr std::size_t kUnlimitedKept = std::size_t{1} << 20;

  InspectionWindow() = default;
  explicit InspectionWindow(WindowSettings settings) : settings_(settings) {}

  // Each returns whether a look has become due by it.
  bool append(Bytes data);
  bool gap(std::uint64_t bytes);  // bytes that were lost: seen as zeros
  bool finish();

  [[nodiscard]] bool started() const { return total_ > 0; }
  [[nodiscard]] std::optional<BufferSlice> slice() const;

 private:
  [[nodiscard]] std::uint64_t room() const;
  void trim();
  bool update();
  void look();

  WindowSettings settings_;
  PooledString data_;
  std::uint64_t base_ = 0;             // offset of data_[0]
  std::uint64_t total_ = 0;            // offset of data_'s end
  std::uint64_t begin_ = 0, end_ = 0;  // of the window that is due
  std::uint32_t generation_ = 0;
  bool done_ = false;
  mutable bool shown_ =
      false;  // somebody has seen this generation: the next one may start behind it
};

}  // namespace chieng::collector
