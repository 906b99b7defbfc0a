#include "rules/engine/database_cache.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "core/file/file.h"
#include "rules/engine/literal_set.h"

namespace chieng::matching {
namespace {

namespace fs = std::filesystem;

class DatabaseCacheTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "chieng-cache-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    parent = name;
  }
  void TearDown() override { fs::remove_all(parent); }

  [[nodiscard]] std::vector<fs::path> files() const {
    std::vector<fs::path> out;
    for (const auto& entry : fs::directory_iterator(folder())) out.push_back(entry.path());
    return out;
  }
  [[nodiscard]] fs::path folder() const { return parent / "databases"; }

  fs::path parent;
};

TEST_F(DatabaseCacheTest, GivesBackWhatWasKeptAndIsClosedToOthers) {
  const auto cache = DatabaseCache::open(folder());
  ASSERT_TRUE(cache);
  EXPECT_FALSE(cache->find("ab"));
  cache->keep("ab", "database");
  EXPECT_EQ(cache->find("ab"), "database");
  struct stat facts{};
  ASSERT_EQ(stat(folder().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777u, 0700u);
}

TEST_F(DatabaseCacheTest, DamagedFilesAreNotThere) {
  const auto cache = DatabaseCache::open(folder());
  ASSERT_TRUE(cache);
  cache->keep("ab", "database");
  ASSERT_EQ(files().size(), 1u);
  const std::string good = *read_file(files()[0]);
  for (const std::size_t at : {std::size_t{0}, std::size_t{20}, good.size() - 1}) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    ASSERT_TRUE(write_file_atomic(files()[0], bad, 0600));
    EXPECT_FALSE(cache->find("ab")) << at;
  }
  ASSERT_TRUE(write_file_atomic(files()[0], good.substr(0, 30), 0600));
  EXPECT_FALSE(cache->find("ab"));
}

TEST_F(DatabaseCacheTest, RefusesAFolderThatOthersCanWriteTo) {
  ASSERT_TRUE(fs::create_directory(folder()));
  ASSERT_EQ(chmod(folder().c_str(), 0770), 0);
  const auto cache = DatabaseCache::open(folder());
  ASSERT_FALSE(cache);
  EXPECT_EQ(cache.error().code, ErrorCode::permission);
  fs::remove(folder());
  ASSERT_EQ(symlink("/tmp", folder().c_str()), 0);
  EXPECT_FALSE(DatabaseCache::open(folder()));
}

TEST_F(DatabaseCacheTest, TheOldestGoFirst) {
  const auto cache = DatabaseCache::open(folder());
  ASSERT_TRUE(cache);
  for (const char* key : {"a", "b", "c"}) cache->keep(key, std::string(1000, 'x'));
  const auto hour = std::chrono::hours(1);
  for (const fs::path& file : files())
    fs::last_write_time(file,
                        fs::file_time_type::clock::now() - hour * (file.stem() == "b" ? 3 : 2));
  EXPECT_TRUE(cache->find("a"));  // used now
  cache->trim(1500);
  EXPECT_TRUE(cache->find("a"));
  EXPECT_FALSE(cache->find("b"));
  EXPECT_FALSE(cache->find("c"));
}

TEST_F(DatabaseCacheTest, ASetReadBackFindsTheSame) {
  const auto cache = DatabaseCache::open(folder());
  ASSERT_TRUE(cache);
  for (int round = 0; round < 2; ++round) {
    LiteralSet set;
    set.add("needle", true, 7);
    ASSERT_TRUE(set.build(&*cache));
    EXPECT_EQ(files().size(), 1u);
    ScanScratch scratch;
    ASSERT_TRUE(scratch.prepare(set));
    std::vector<std::uint32_t> found;
    set.scan(as_bytes(std::string_view("a NEEDLE here")), scratch, found);
    EXPECT_EQ(found, std::vector<std::uint32_t>{7});
  }
  LiteralSet other;
  other.add("needles", true, 7);
  ASSERT_TRUE(other.build(&*cache));
  EXPECT_EQ(files().size(), 2u);
}

}  // namespace
}  // namespace chieng::matching
