// Files that must not be half-written: descriptors that close themselves, atomic replacement, fsync
// of folders.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "core/error/result.h"

namespace chieng {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~UniqueFd() { reset(); }
  void reset(int fd = -1);
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// The whole file; limit in bytes, beyond it ErrorCode::limit.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path,
                                            std::size_t limit = std::size_t{256} << 20);
// Writes beside the target, fsyncs, renames over it, fsyncs the folder. mode: permission bits, such
// as 0600.
[[nodiscard]] Status write_file_atomic(const std::filesystem::path& path, std::string_view bytes,
                                       unsigned mode = 0644);
[[nodiscard]] Status sync_folder(const std::filesystem::path& folder);
[[nodiscard]] Status write_all(int fd, std::string_view bytes);  // short writes and EINTR handled

}  // namespace chieng
