#include "server/store/scope.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <type_traits>

#include "core/file/file.h"

namespace chieng::server {
namespace {

static_assert(!std::is_default_constructible_v<SystemAccess>);
static_assert(!std::is_constructible_v<Scope, bool, std::vector<Uuid>>);

TEST(Scope, AnEmptyOneSeesNothing) {
  EXPECT_FALSE(Scope{}.everything());
  EXPECT_FALSE(Scope{}.contains(Uuid::random()));
}

// What answers people may not speak for the server itself.
TEST(Scope, TheApiNeverIncludesSystemAccess) {
  const auto server = std::filesystem::path(CHIENG_TEST_DATA) / ".." / ".." / "server";
  int files = 0;
  for (const char* folder : {"api", "auth"})
    for (const auto& entry : std::filesystem::recursive_directory_iterator(server / folder)) {
      const auto kind = entry.path().extension();
      if (kind != ".h" && kind != ".cpp") continue;
      ++files;
      EXPECT_EQ(read_file(entry.path())->find("system_access"), std::string::npos) << entry.path();
    }
  EXPECT_GT(files, 5);
}

}  // namespace
}  // namespace chieng::server
