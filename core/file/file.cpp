#include "core/file/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace chieng {

void UniqueFd::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return fail_errno("cannot open " + path.string(), errno);
  std::string out;
  char buffer[65536];
  for (;;) {
    const ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno("cannot read " + path.string(), errno);
    if (n == 0) return out;
    if (out.size() + static_cast<std::size_t>(n) > limit)
      return fail(ErrorCode::limit,
                  path.string() + " is larger than " + std::to_string(limit) + " bytes");
    out.append(buffer, static_cast<std::size_t>(n));
  }
}

Status write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno("write failed", errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Status sync_folder(const std::filesystem::path& folder) {
  const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return fail_errno("cannot open folder " + folder.string(), errno);
  if (::fsync(fd.get()) != 0) return fail_errno("cannot sync folder " + folder.string(), errno);
  return {};
}

Status write_file_atomic(const std::filesystem::path& path, std::string_view bytes, unsigned mode) {
  const std::string temporary = path.string() + ".new";
  ::unlink(temporary.c_str());
  const UniqueFd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!fd) return fail_errno("cannot create " + temporary, errno);
  CHIENG_CHECK(write_all(fd.get(), bytes));
  if (::fchmod(fd.get(), mode) != 0)
    return fail_errno("cannot set the mode of " + temporary, errno);
  if (::fsync(fd.get()) != 0) return fail_errno("cannot sync " + temporary, errno);
  if (::rename(temporary.c_str(), path.c_str()) != 0)
    return fail_errno("cannot replace " + path.string(), errno);
  const auto folder = path.parent_path();
  return sync_folder(folder.empty() ? "." : folder);
}

}  // namespace chieng
