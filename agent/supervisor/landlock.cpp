#include "agent/supervisor/landlock.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "core/file/file.h"

namespace chieng::agent {
namespace {

constexpr std::uint64_t kReadFile = LANDLOCK_ACCESS_FS_READ_FILE;
constexpr std::uint64_t kRead = kReadFile | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kWriteFile = LANDLOCK_ACCESS_FS_WRITE_FILE;
constexpr std::uint64_t kWrite = kWriteFile | LANDLOCK_ACCESS_FS_MAKE_REG |
                                 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                                 LANDLOCK_ACCESS_FS_REMOVE_DIR;
constexpr std::uint64_t kHandled = kRead | kWrite | LANDLOCK_ACCESS_FS_EXECUTE |
                                   LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
                                   LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                                   LANDLOCK_ACCESS_FS_MAKE_SYM;

Status allow(int rules, const std::filesystem::path& path, std::uint64_t access) {
  const UniqueFd at(open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!at) return {};
  struct stat facts{};
  if (fstat(at.get(), &facts) != 0) return fail_errno("cannot look at " + path.string(), errno);
  // A rule on a file may not hold rights that only folders have.
  if (!S_ISDIR(facts.st_mode)) access &= kReadFile | kWriteFile;
  landlock_path_beneath_attr attributes{};
  attributes.allowed_access = access;
  attributes.parent_fd = at.get();
  if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &attributes, 0) != 0)
    return fail_errno("Landlock refuses a rule for " + path.string(), errno);
  return {};
}

}  // namespace

Status restrict_files(std::span<const std::filesystem::path> read,
                      std::span<const std::filesystem::path> write) {
  landlock_ruleset_attr attributes{};
  attributes.handled_access_fs = kHandled;
  const UniqueFd rules(
      static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0)));
  if (!rules) return fail_errno("this kernel offers no Landlock", errno);
  for (const auto& path : read) CHIENG_CHECK(allow(rules.get(), path, kRead));
  for (const auto& path : write) CHIENG_CHECK(allow(rules.get(), path, kRead | kWrite));
  if (syscall(SYS_landlock_restrict_self, rules.get(), 0) != 0)
    return fail_errno("cannot enter Landlock", errno);
  return {};
}

}  // namespace chieng::agent
