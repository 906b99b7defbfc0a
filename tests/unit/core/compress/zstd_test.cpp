#include "core/compress/zstd.h"

#include <gtest/gtest.h>

namespace chieng {
namespace {

TEST(Zstd, RoundTripAndLimits) {
  const std::string plain(10'000, 'x');
  const auto frame = zstd_compress(plain);
  ASSERT_TRUE(frame);
  EXPECT_LT(frame->size(), 200U);
  EXPECT_EQ(*zstd_decompress(*frame, plain.size()), plain);
  EXPECT_EQ(zstd_decompress(*frame, plain.size() - 1).error().code, ErrorCode::limit);
}

TEST(Zstd, DamagedFramesAreRefused) {
  auto frame = *zstd_compress("some text that is worth keeping");
  EXPECT_FALSE(zstd_decompress(frame.substr(0, frame.size() - 1), 1000));
  frame[0] = 'x';
  EXPECT_EQ(zstd_decompress(frame, 1000).error().code, ErrorCode::corrupt);
  EXPECT_FALSE(zstd_decompress("", 1000));
}

}  // namespace
}  // namespace chieng
