// Compiled databases kept on disk, so that a start need not compile them again. One file a
// database, named by what it was made from.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/bytes/bytes.h"
#include "core/error/result.h"

namespace chieng::matching {

// What is read back is handed to Hyperscan, which trusts it: the folder has to be the process's own
// and closed to others, and each file carries its version and SHA-256. Takes at most kMost bytes;
// those used longest ago go. Several processes may share a folder.
class DatabaseCache {
 public:
  static constexpr std::uint64_t kMost = std::uint64_t{512} << 20;

  // Makes the folder (0700). permission: it belongs to somebody else, or others may write to it.
  [[nodiscard]] static Result<DatabaseCache> open(std::filesystem::path folder);

  // key: hex, for file names. Nothing where there is none, or where it is damaged.
  [[nodiscard]] std::optional<std::string> find(std::string_view key) const;
  // Best effort: a full disk costs the next start its time, nothing else.
  void keep(std::string_view key, std::string_view database) const;
  // Removes the oldest files beyond kMost.
  void trim(std::uint64_t most = kMost) const;

 private:
  explicit DatabaseCache(std::filesystem::path folder) : folder_(std::move(folder)) {}
  [[nodiscard]] std::filesystem::path file(std::string_view key) const;

  std::filesystem::path folder_;
};

}  // namespace chieng::matching
