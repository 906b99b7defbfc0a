// What a followed file is on disk: opening it safely, telling it from another of the same name or
// number, and finding where its content went when it was rotated.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "collector/log/log_source.h"

namespace chieng::collector {

inline constexpr std::size_t fingerprint_bytes = 1024;

struct OpenFile {
  UniqueFd fd;
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t modified = 0;  // nanoseconds
  explicit operator bool() const { return static_cast<bool>(fd); }
};

// A regular file, never through a symbolic link; not set where it does not exist.
[[nodiscard]] Result<OpenFile> open_file(const std::filesystem::path& path);
// Size and time as they are now.
[[nodiscard]] Status refresh(OpenFile& file);
// Over the file's first size bytes; nullopt: it is shorter, or cannot be read.
[[nodiscard]] std::optional<std::uint64_t> fingerprint_of(const OpenFile& file, std::uint32_t size);
// The file still begins with what the position remembers, and is as long.
[[nodiscard]] bool continues(const OpenFile& file, const TailPosition& position);

// Rotated siblings of path ("name.1", "name-20260102") that hold what follows the position: first
// the one that continues it, then every younger one, oldest first. Empty: none continues it.
// Compressed files are not looked into.
[[nodiscard]] std::vector<std::filesystem::path> rotated_siblings(const std::filesystem::path& path,
                                                                  const TailPosition& position);

}  // namespace chieng::collector
