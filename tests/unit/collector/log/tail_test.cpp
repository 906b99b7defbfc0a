#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "collector/log/log_source.h"

namespace chieng::collector {
namespace {

namespace fs = std::filesystem;

class TailTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "chieng-tail-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    log_ = folder_ / "app.log";
  }
  void TearDown() override { fs::remove_all(folder_); }

  void append(std::string_view text) { append(log_, text); }
  static void append(const fs::path& path, std::string_view text) {
    std::ofstream(path, std::ios::app | std::ios::binary) << text;
  }
  static void overwrite(const fs::path& path, std::string_view text) {
    std::ofstream(path, std::ios::trunc | std::ios::binary) << text;
  }

  std::vector<std::string> read(Tail& tail) {
    std::vector<std::string> out;
    TailLine line;
    while (true) {
      const auto got = tail.next(line);
      EXPECT_TRUE(got) << got.error().message();
      if (!got || !*got) return out;
      out.emplace_back(line.text);
      last_ = line.after;
      if (line.cut) ++cut_;
    }
  }
  Tail follow(const TailPosition* start = nullptr, bool from_start = true) {
    return Tail(log_, {.from_start = from_start, .rotation_grace = 0}, start);
  }

  using Lines = std::vector<std::string>;
  fs::path folder_, log_;
  TailPosition last_;
  int cut_ = 0;
};

TEST_F(TailTest, GivesWholeLinesAndKeepsWhatHasNoLineEnd) {
  append("one\ntwo\r\nthr");
  Tail tail = follow();
  EXPECT_EQ(read(tail), (Lines{"one", "two"}));
  EXPECT_EQ(read(tail), Lines{});
  append("ee\n\nfive\n");
  EXPECT_EQ(read(tail), (Lines{"three", "", "five"}));
  EXPECT_EQ(last_.line, 5u);
  EXPECT_EQ(last_.offset, fs::file_size(log_));
}

TEST_F(TailTest, BeginsAtTheEndOfAFileNeverSeenBefore) {
  append("old\nhalf");
  Tail tail = follow(nullptr, false);
  EXPECT_EQ(read(tail), Lines{});
  append(" a line\nnew\n");
  EXPECT_EQ(read(tail), (Lines{"half a line", "new"}));
}

TEST_F(TailTest, WaitsForAFileThatAppearsLaterAndReadsAllOfIt) {
  Tail tail = follow(nullptr, false);
  EXPECT_EQ(read(tail), Lines{});
  append("first\n");
  EXPECT_EQ(read(tail), Lines{"first"});
}

TEST_F(TailTest, FollowsARenameAndReadsTheRestOfTheOldFile) {
  append("a\n");
  Tail tail = follow();
  EXPECT_EQ(read(tail), Lines{"a"});
  fs::rename(log_, folder_ / "app.log.1");
  append(folder_ / "app.log.1", "b\nno end");
  append("c\n");
  EXPECT_EQ(read(tail), (Lines{"b", "no end", "c"}));
  EXPECT_EQ(tail.counters().rotations, 1u);
}

TEST_F(TailTest, WaitsForTheWriterOfARenamedFile) {
  append("a\n");
  Tail tail(log_, {.from_start = true, .rotation_grace = 300'000});
  EXPECT_EQ(read(tail), Lines{"a"});
  fs::rename(log_, folder_ / "app.log.1");
  append("new\n");
  EXPECT_EQ(read(tail), Lines{});
  append(folder_ / "app.log.1", "late\n");
  EXPECT_EQ(read(tail), Lines{"late"});
  ::usleep(350'000);
  EXPECT_EQ(read(tail), Lines{"new"});
}

TEST_F(TailTest, ReadsFilesThatWereRotatedTwiceMeanwhile) {
  append("a\n");
  Tail tail = follow();
  EXPECT_EQ(read(tail), Lines{"a"});
  append("b\n");
  fs::rename(log_, folder_ / "app.log.2");
  append("c\n");
  fs::rename(log_, folder_ / "app.log.1");
  fs::last_write_time(folder_ / "app.log.2",
                      fs::file_time_type::clock::now() - std::chrono::seconds(10));
  append("d\n");
  append(folder_ / "app.log.state", "not a log\n");
  EXPECT_EQ(read(tail), (Lines{"b", "c", "d"}));
}

TEST_F(TailTest, StartsAnewAfterATruncation) {
  append("a long first line\nsecond\n");
  Tail tail = follow();
  EXPECT_EQ(read(tail).size(), 2u);
  overwrite(log_, "x\n");
  EXPECT_EQ(read(tail), Lines{"x"});
  EXPECT_EQ(tail.counters().truncations, 1u);
}

TEST_F(TailTest, NoticesACopytruncateThatGrewPastItsPlace) {
  append("a\nb\n");
  Tail tail = follow();
  EXPECT_EQ(read(tail), (Lines{"a", "b"}));
  append("unread\n");
  fs::copy_file(log_, folder_ / "app.log.1");
  overwrite(log_, "new one\nnew two\nnew three\n");
  EXPECT_EQ(read(tail), (Lines{"unread", "new one", "new two", "new three"}));
}

TEST_F(TailTest, ResumesFromACheckpointWithoutRepeatOrGap) {
  append("1\n2\n3\n");
  TailLine line;
  TailPosition stored;
  {
    Tail tail = follow();
    ASSERT_TRUE(*tail.next(line));
    ASSERT_TRUE(*tail.next(line));
    stored = *TailPosition::decode(line.after.encode());
    EXPECT_EQ(stored, line.after);
    ASSERT_TRUE(*tail.next(line));  // given out, never stored: it comes again
  }
  append("4\n");
  Tail again = follow(&stored);
  EXPECT_EQ(read(again), (Lines{"3", "4"}));
  EXPECT_EQ(last_.line, 4u);
}

TEST_F(TailTest, ResumesThroughRotationsThatHappenedWhileStopped) {
  append("1\n2\n");
  {
    Tail tail = follow();
    read(tail);
  }
  append("3\n");
  fs::rename(log_, folder_ / "app.log.2");
  fs::last_write_time(folder_ / "app.log.2",
                      fs::file_time_type::clock::now() - std::chrono::seconds(20));
  append("4\n");
  fs::rename(log_, folder_ / "app.log.1");
  fs::last_write_time(folder_ / "app.log.1",
                      fs::file_time_type::clock::now() - std::chrono::seconds(10));
  append("5\n");
  Tail again = follow(&last_);
  EXPECT_EQ(read(again), (Lines{"3", "4", "5"}));
}

TEST_F(TailTest, ResumesThroughACopytruncateThatHappenedWhileStopped) {
  append("1\n2\n");
  {
    Tail tail = follow();
    read(tail);
  }
  append("3\n");
  fs::copy_file(log_, folder_ / "app.log.1");
  overwrite(log_, "4\n");
  Tail again = follow(&last_);
  EXPECT_EQ(read(again), (Lines{"3", "4"}));
}

TEST_F(TailTest, SaysWhenTheFileOfItsCheckpointIsGone) {
  append("1\n2\n");
  {
    Tail tail = follow();
    read(tail);
  }
  fs::remove(log_);
  append("other\n");
  Tail again = follow(&last_);
  EXPECT_EQ(read(again), Lines{"other"});
  EXPECT_EQ(again.counters().lost_files, 1u);
}

TEST_F(TailTest, CutsAnOverlongLineAndGoesOnBehindIt) {
  append(std::string(3 * max_line + 17, 'x') + "\nafter\n");
  Tail tail = follow();
  const Lines lines = read(tail);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].size(), max_line);
  EXPECT_EQ(lines[1], "after");
  EXPECT_EQ(cut_, 1);
  EXPECT_EQ(last_.offset, fs::file_size(log_));
}

TEST_F(TailTest, KeepsBytesThatAreNoText) {
  append(std::string_view("\0\0\0hole\n\xff\xfe\x01\n", 12));
  Tail tail = follow();
  EXPECT_EQ(read(tail), (Lines{"hole", "\xff\xfe\x01"}));
}

TEST_F(TailTest, RefusesASymbolicLink) {
  append(folder_ / "real.log", "secret\n");
  fs::create_symlink(folder_ / "real.log", log_);
  Tail tail = follow();
  TailLine line;
  const auto got = tail.next(line);
  ASSERT_FALSE(got);
  EXPECT_NE(got.error().text.find("symbolic link"), std::string::npos);
}

TEST(TailPositionTest, RefusesWhatIsNoPosition) {
  for (const char* text : {"", "1", "2:1:1:1:1:1:1", "1:1:1:1:401:1:1", "1:1:1:1:1:1:1:1",
                           "1:1:1:1:1:1:", "1:x:1:1:1:1:1"})
    EXPECT_FALSE(TailPosition::decode(text)) << text;
}

// Killed at any line and started from the last stored place, each line comes once.
TEST_F(TailTest, EveryLineOnceWhereverItIsStopped) {
  Lines expected, seen;
  TailPosition stored;
  bool have = false;
  int number = 0;
  for (int round = 0; round < 40; ++round) {
    for (int i = 0; i < 7; ++i) {
      expected.push_back("line " + std::to_string(number++));
      append(expected.back() + "\n");
    }
    if (round % 5 == 4) {
      fs::remove(folder_ / "app.log.1");
      fs::rename(log_, folder_ / "app.log.1");
      append("");
    }
    Tail tail = follow(have ? &stored : nullptr);
    TailLine line;
    for (int i = 0; i < 3 + round % 9; ++i) {
      const auto got = tail.next(line);
      ASSERT_TRUE(got);
      if (!*got) break;
      seen.emplace_back(line.text);
      stored = line.after;
      have = true;
    }
  }
  Tail tail = follow(&stored);
  for (const std::string& text : read(tail)) seen.push_back(text);
  // A file rotated away twice before it was read is lost and said so; here none is.
  EXPECT_EQ(seen.size(), expected.size());
  EXPECT_EQ(seen, expected);
}

}  // namespace
}  // namespace chieng::collector
