#include "collector/flow/segments.h"

#include <gtest/gtest.h>

namespace chieng::collector {
namespace {

std::string text_of(const Segments& s) {
  std::string out;
  for (const Segments::Piece& p : s.pieces())
    out += std::to_string(p.start) + ":" + std::string(as_text(p.data)) + " ";
  return out;
}

TEST(Segments, KeepsOrder) {
  Segments s(10);
  s.insert(10, as_bytes("cc"));
  s.insert(0, as_bytes("aa"));
  s.insert(5, as_bytes("bb"));
  EXPECT_EQ(text_of(s), "0:aa 5:bb 10:cc ");
  EXPECT_EQ(s.size(), 6u);
}

TEST(Segments, OldBytesWinAgainstALaterStart) {
  Segments s(10);
  s.insert(0, as_bytes("aaaa"));
  const auto result = s.insert(2, as_bytes("bbbb"));
  EXPECT_EQ(text_of(s), "0:aaaa 4:bb ");
  EXPECT_TRUE(result.overlap);
  EXPECT_TRUE(result.different);
  EXPECT_EQ(result.bytes, 2);
}

TEST(Segments, OldBytesWinAgainstTheSameStart) {
  Segments s(10);
  s.insert(0, as_bytes("aa"));
  s.insert(0, as_bytes("bbbb"));
  EXPECT_EQ(text_of(s), "0:aa 2:bb ");
}

TEST(Segments, NewBytesWinWhereTheyStartEarlier) {
  Segments s(10);
  s.insert(4, as_bytes("aaaa"));
  s.insert(2, as_bytes("bbbb"));
  EXPECT_EQ(text_of(s), "2:bbbb 6:aa ");
  s.insert(0, as_bytes("cccccccccc"));
  EXPECT_EQ(text_of(s), "0:cccccccccc ");
  EXPECT_EQ(s.size(), 10u);
}

TEST(Segments, FillsHolesOnly) {
  Segments s(10);
  s.insert(0, as_bytes("aa"));
  s.insert(4, as_bytes("aa"));
  s.insert(0, as_bytes("bbbbbbbb"));
  EXPECT_EQ(text_of(s), "0:aa 2:bbbbbb ");
}

TEST(Segments, EqualOverlapIsNotDifferent) {
  Segments s(10);
  s.insert(0, as_bytes("abcd"));
  const auto result = s.insert(2, as_bytes("cdef"));
  EXPECT_TRUE(result.overlap);
  EXPECT_FALSE(result.different);
}

TEST(Segments, RefusesTooManyPieces) {
  Segments s(2);
  s.insert(0, as_bytes("a"));
  s.insert(2, as_bytes("a"));
  EXPECT_TRUE(s.insert(4, as_bytes("a")).refused);
}

}  // namespace
}  // namespace chieng::collector
