#include "collector/capture/pcapng_writer.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>

#include "collector/capture/capture_file.h"
#include "core/file/file.h"

namespace chieng::collector {
namespace {

class PcapngWriterTest : public testing::Test {
 protected:
  PcapngWriterTest()
      : path_(std::filesystem::temp_directory_path() /
              ("chieng-pcapng-" + std::to_string(getpid()))) {}
  ~PcapngWriterTest() override { std::filesystem::remove(path_); }
  std::filesystem::path path_;
};

TEST_F(PcapngWriterTest, WhatItWritesIsReadAgain) {
  PcapngWriter writer("test");
  const std::string bytes = "any frame at all";
  for (std::size_t n = 0; n < bytes.size(); ++n)
    writer.add({as_bytes(std::string_view(bytes).substr(0, n)), 1000,
                Timestamp::from_seconds(1'700'000'000, static_cast<std::int64_t>(n)), 1},
               n % 2 == 0 ? std::string_view() : "a comment");
  EXPECT_EQ(writer.packets(), bytes.size());
  ASSERT_TRUE(write_file_atomic(path_, writer.take(), 0600));
  auto capture = CaptureFile::open(path_);
  ASSERT_TRUE(capture) << capture.error().message();
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    const auto frame = capture->next();
    ASSERT_TRUE(frame && *frame) << n;
    EXPECT_EQ(as_text((*frame)->bytes), std::string_view(bytes).substr(0, n));
    EXPECT_EQ((*frame)->wire_length, 1000u);
    EXPECT_EQ((*frame)->time.micros, 1'700'000'000'000'000 + static_cast<std::int64_t>(n));
    EXPECT_EQ((*frame)->link_type, 1);
  }
  const auto end = capture->next();
  ASSERT_TRUE(end);
  EXPECT_FALSE(*end);
}

TEST_F(PcapngWriterTest, OtherProgramsReadItToo) {
  if (std::system("command -v tshark >/dev/null 2>&1") != 0)
    GTEST_SKIP() << "tshark is not installed";
  PcapngWriter writer("test");
  const std::string arp(60, '\0'), raw = std::string("\x45", 1) + std::string(27, '\0');
  writer.add({as_bytes(arp), 60, Timestamp::from_seconds(1'700'000'000), 1}, "the first");
  writer.add({as_bytes(raw), 28, Timestamp::from_seconds(1'700'000'001), 12});
  ASSERT_TRUE(write_file_atomic(path_, writer.take(), 0600));
  const std::string command = "tshark -r '" + path_.string() +
                              "' -T fields -e frame.number -e frame.len -e frame.comment "
                              "-e frame.encap_type 2>/dev/null";
  std::string said;
  FILE* pipe = popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  char line[256];
  while (std::fgets(line, sizeof line, pipe) != nullptr) said += line;
  EXPECT_EQ(pclose(pipe), 0);
  EXPECT_EQ(said, "1\t60\tthe first\t1\n2\t28\t\t7\n");
}

}  // namespace
}  // namespace chieng::collector
