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

// The old piece lies at 4 to 8; what a range around it holds after a new one.
std::string after(OverlapPolicy policy, std::uint64_t start, std::string_view data) {
  Segments s(16, policy);
  s.insert(4, as_bytes("oooo"));
  s.insert(start, as_bytes(data));
  std::string out(12, '.');
  for (const Segments::Piece& p : s.pieces())
    out.replace(static_cast<std::size_t>(p.start), p.data.size(), as_text(p.data));
  return out;
}

TEST(OverlapPolicies, SettleWhoseBytesCount) {
  using P = OverlapPolicy;
  EXPECT_EQ(after(P::bsd, 2, "nnnn"), "..nnnnoo....");
  EXPECT_EQ(after(P::bsd, 4, "nnnnnn"), "....oooonn..");
  EXPECT_EQ(after(P::longer, 4, "nnnnnn"), "....nnnnnn..");
  EXPECT_EQ(after(P::longer, 4, "nnn"), "....oooo....");
  EXPECT_EQ(after(P::first, 2, "nnnnnnnn"), "..nnoooonn..");
  EXPECT_EQ(after(P::last, 5, "nn"), "....onno....");
  EXPECT_EQ(after(P::last, 6, "nnnn"), "....oonnnn..");
  EXPECT_EQ(after(P::solaris, 6, "nnnn"), "....oonnnn..");
  EXPECT_EQ(after(P::solaris, 5, "nn"), "....oooo....");
  EXPECT_EQ(after(P::solaris, 5, "nnn"), "....oooo....");
}

}  // namespace
}  // namespace chieng::collector
