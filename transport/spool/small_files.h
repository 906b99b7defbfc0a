// The two small files of a spool: the state slots and the tail block.
#pragma once

#include <filesystem>
#include <optional>

#include "core/error/result.h"
#include "core/file/file.h"
#include "transport/spool/format.h"

namespace chieng {

// The newest good slot; nothing where both are bad or the file is missing. unsupported: a newer
// format.
[[nodiscard]] Result<std::optional<SpoolState>> read_spool_state(
    const std::filesystem::path& folder);

// Writes the slots in turn, each with fdatasync.
class StateFile {
 public:
  [[nodiscard]] Status open(const std::filesystem::path& folder, bool sync);
  [[nodiscard]] Status write(SpoolState& state);  // raises its generation

 private:
  UniqueFd fd_;
  bool sync_ = true;
};

class TailFile {
 public:
  [[nodiscard]] Status open_for_writing(const std::filesystem::path& folder);
  [[nodiscard]] Status open_for_reading(const std::filesystem::path& folder);
  [[nodiscard]] Status write(const SpoolTail& tail);
  // Nothing where it is missing or damaged; a block that is being written is read again.
  [[nodiscard]] std::optional<SpoolTail> read() const;

 private:
  UniqueFd fd_;
};

}  // namespace chieng
