#include "agent/pipeline/eve_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <thread>
#include <vector>

namespace chieng::agent {
namespace {

class EveFileTest : public testing::Test {
 protected:
  EveFileTest() {
    folder_ = std::filesystem::temp_directory_path() / ("chieng-eve-" + std::to_string(getpid()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
    path_ = folder_ / "eve.json";
  }
  ~EveFileTest() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_, path_;
};

TEST_F(EveFileTest, LinesOfAllThreadsAreWholeOverAllFiles) {
  constexpr int kThreads = 4, kLines = 3000;
  {
    auto file = EveFile::open({.path = path_.string(), .rotate_bytes = 100'000, .keep = 100});
    ASSERT_TRUE(file);
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t)
      threads.emplace_back([&, t] {
        EveFileSink sink(*file);
        for (int i = 0; i < kLines; ++i) {
          sink.emit({}, "{\"thread\":" + std::to_string(t) + ",\"n\":" + std::to_string(i) + "}");
          if (i % 100 == 99) sink.commit();
        }
      });
    for (std::thread& t : threads) t.join();
    EXPECT_EQ((*file)->problem(), "");
  }
  std::size_t lines = 0, files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    const auto text = read_file(entry.path(), 1 << 20);
    ASSERT_TRUE(text);
    EXPECT_LE(text->size(), 100'000u);
    EXPECT_TRUE(text->ends_with("}\n")) << entry.path();
    EXPECT_TRUE(text->starts_with("{\"thread\":")) << entry.path();
    lines += static_cast<std::size_t>(std::ranges::count(*text, '\n'));
    ++files;
  }
  EXPECT_EQ(lines, std::size_t{kThreads} * kLines);
  EXPECT_GT(files, 2u);
}

TEST_F(EveFileTest, OnlySoManyOldFilesAreKeptAndTheYoungestIsOne) {
  auto file = EveFile::open({.path = path_.string(), .rotate_bytes = 10, .keep = 2});
  ASSERT_TRUE(file);
  for (const char* line : {"{\"n\":1}\n", "{\"n\":2}\n", "{\"n\":3}\n", "{\"n\":4}\n"})
    (*file)->write(line);
  EXPECT_EQ(read_file(path_, 100).value_or(""), "{\"n\":4}\n");
  EXPECT_EQ(read_file(path_.string() + ".1", 100).value_or(""), "{\"n\":3}\n");
  EXPECT_EQ(read_file(path_.string() + ".2", 100).value_or(""), "{\"n\":2}\n");
  EXPECT_FALSE(std::filesystem::exists(path_.string() + ".3"));
}

}  // namespace
}  // namespace chieng::agent
