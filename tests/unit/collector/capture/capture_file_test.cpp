#include "collector/capture/capture_file.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/unit/collector/frames.h"

namespace chieng::collector {
namespace {

using namespace test;

std::string le32(std::uint32_t v) {
  std::string out = be32(v);
  std::ranges::reverse(out);
  return out;
}
const std::string kHeader = hex("d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000");
std::string record(std::string_view data, std::uint32_t wire) {
  return le32(1700000000) + le32(42) + le32(static_cast<std::uint32_t>(data.size())) + le32(wire) +
         std::string(data);
}

class CaptureFileTest : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& bytes) {
    std::ofstream(path_, std::ios::binary) << bytes;
    return path_;
  }
  void TearDown() override { std::filesystem::remove(path_); }
  std::filesystem::path path_ = std::filesystem::temp_directory_path() /
                                ("chieng-capture-" + std::to_string(getpid()) + ".pcap");
};

TEST_F(CaptureFileTest, GivesEveryFrame) {
  auto capture = CaptureFile::open(write(kHeader + record("abcdef", 100) + record("gh", 2)));
  ASSERT_TRUE(capture) << capture.error().message();
  const auto first = capture->next();
  ASSERT_TRUE(first && *first);
  EXPECT_EQ(as_text((*first)->bytes), "abcdef");
  EXPECT_EQ((*first)->wire_length, 100u);
  EXPECT_EQ((*first)->time, Timestamp::from_seconds(1700000000, 42));
  EXPECT_EQ((*first)->link_type, 1);
  EXPECT_TRUE(*capture->next());
  const auto end = capture->next();
  ASSERT_TRUE(end);
  EXPECT_FALSE(*end);
}

TEST_F(CaptureFileTest, ACutFileIsAnErrorAfterWhatCanBeRead) {
  const std::string whole = kHeader + record("abcdef", 6) + record("ghijkl", 6);
  auto capture = CaptureFile::open(write(whole.substr(0, whole.size() - 3)));
  ASSERT_TRUE(capture);
  EXPECT_TRUE(*capture->next());
  const auto second = capture->next();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::corrupt);
}

TEST_F(CaptureFileTest, RefusesOtherFiles) {
  const auto text = CaptureFile::open(write("this is not a capture at all, just text"));
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::parse);
  const auto missing = CaptureFile::open(path_.string() + ".missing");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
}

TEST(IsCapture, KnowsTheMagicNumbers) {
  EXPECT_TRUE(is_capture(as_bytes(kHeader)));
  EXPECT_TRUE(is_capture(as_bytes(std::string_view("\x0a\x0d\x0d\x0a"))));
  EXPECT_FALSE(is_capture(as_bytes(std::string_view("{\"a\""))));
  EXPECT_FALSE(is_capture({}));
}

}  // namespace
}  // namespace chieng::collector
