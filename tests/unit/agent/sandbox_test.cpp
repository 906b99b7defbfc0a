// The child's rights, taken in a process of its own. Changing users needs root: without it the
// tests that do so are skipped.
#include "agent/supervisor/sandbox.h"

#include <grp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <functional>

#include "core/file/file.h"

namespace chieng::agent {
namespace {

// Whether `test` holds in a child process.
bool in_child(const std::function<bool()>& test) {
  const pid_t pid = fork();
  if (pid == 0) _exit(test() ? 0 : 1);
  int status = 0;
  return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool readable(const std::filesystem::path& path) {
  return read_file(path, 100).has_value();
}

class LogFile {
 public:
  explicit LogFile(gid_t group) {
    std::string pattern = testing::TempDir() + "chieng-log-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    path = folder_ / "auth.log";
    if (!write_file_atomic(path, "line\n", 0640) || chmod(folder_.c_str(), 0755) != 0 ||
        chown(path.c_str(), 0, group) != 0)
      std::abort();
  }
  ~LogFile() { std::filesystem::remove_all(folder_); }
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  std::filesystem::path path;

 private:
  std::filesystem::path folder_;
};

TEST(Sandbox, LogsAreReadByGroupAndByNothingElse) {
  if (geteuid() != 0) GTEST_SKIP() << "changing users needs root";
  const auto adm = find_group("adm");
  auto user = find_user("nobody", "nogroup");
  ASSERT_TRUE(adm && user);
  const LogFile log(*adm);
  const auto reads = [&](const SystemUser& who) {
    return in_child(
        [&] { return drop_privileges({.user = &who}).has_value() && readable(log.path); });
  };
  EXPECT_FALSE(reads(*user));
  user->more_groups = {*adm};
  EXPECT_TRUE(reads(*user));
}

TEST(Sandbox, ChildKeepsNoGroupThatItWasNotGiven) {
  if (geteuid() != 0) GTEST_SKIP() << "changing users needs root";
  const auto adm = find_group("adm");
  auto user = find_user("nobody", "nogroup");
  ASSERT_TRUE(adm && user);
  user->more_groups = {*adm};
  EXPECT_TRUE(in_child([&] {
    const gid_t before[] = {0, 1, 2};
    if (setgroups(3, before) != 0 || !drop_privileges({.user = &*user})) return false;
    std::vector<gid_t> groups(64);
    groups.resize(static_cast<std::size_t>(std::max(0, getgroups(64, groups.data()))));
    std::ranges::sort(groups);
    std::vector<gid_t> wanted{*adm, user->shared_gid};
    std::ranges::sort(wanted);
    return groups == wanted && getuid() == user->uid && getgid() == user->gid;
  }));
}

TEST(Sandbox, RootsGroupIsRefused) {
  EXPECT_EQ(find_group("root").error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(find_group("chieng-no-such-group").error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace chieng::agent
