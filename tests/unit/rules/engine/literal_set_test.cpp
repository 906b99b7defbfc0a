#include "rules/engine/literal_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "rules/engine/regex.h"

namespace chieng::matching {
namespace {

struct Plain {
  std::string bytes;
  bool nocase;
};

bool occurs(std::string_view data, const Plain& p) {
  const auto same = [&](char a, char b) {
    return p.nocase ? std::tolower(static_cast<unsigned char>(a)) ==
                          std::tolower(static_cast<unsigned char>(b))
                    : a == b;
  };
  return std::search(data.begin(), data.end(), p.bytes.begin(), p.bytes.end(), same) != data.end();
}

std::string random_text(std::mt19937& random, std::size_t size) {
  static constexpr std::string_view kLetters("aAbB\0\x01|/", 8);
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += kLetters[random() % kLetters.size()];
  return out;
}

TEST(LiteralSet, AgreesWithASearchOneByOne) {
  std::mt19937 random(4711);
  for (int round = 0; round < 30; ++round) {
    std::vector<Plain> literals;
    LiteralSet set;
    for (std::uint32_t i = 0; i < 40; ++i) {
      literals.push_back({random_text(random, 1 + random() % 6), random() % 2 == 0});
      set.add(literals.back().bytes, literals.back().nocase, i);
    }
    ASSERT_TRUE(set.build());
    ScanScratch scratch;
    ASSERT_TRUE(scratch.prepare(set));
    for (int n = 0; n < 50; ++n) {
      const std::string data = random_text(random, random() % 60);
      std::vector<std::uint32_t> found, expected;
      set.scan(as_bytes(std::string_view(data)), scratch, found);
      std::ranges::sort(found);
      for (std::uint32_t i = 0; i < literals.size(); ++i)
        if (occurs(data, literals[i])) expected.push_back(i);
      ASSERT_EQ(found, expected);
    }
  }
}

TEST(LiteralSet, ManyLongOnesAndWhereTheyEnd) {
  std::mt19937 random(815);
  std::vector<Plain> literals;
  std::vector<LiteralEnds> ends;
  LiteralSet set;
  for (std::uint32_t i = 0; i < 300; ++i) {  // enough for the literal that nobody asked for
    literals.push_back({random_text(random, 3 + random() % 3), false});
    ends.push_back({static_cast<std::uint32_t>(random() % 20),
                    20 + static_cast<std::uint32_t>(random() % 30)});
    set.add(literals.back().bytes, false, i, ends.back());
  }
  ASSERT_TRUE(set.build());
  ScanScratch scratch;
  ASSERT_TRUE(scratch.prepare(set));
  for (int n = 0; n < 200; ++n) {
    const std::string data = random_text(random, random() % 80) + "\x9d\xf3";
    std::vector<std::uint32_t> found, expected;
    set.scan(as_bytes(std::string_view(data)), scratch, found);
    std::ranges::sort(found);
    for (std::uint32_t i = 0; i < literals.size(); ++i)
      for (std::size_t at = data.find(literals[i].bytes); at != std::string::npos;
           at = data.find(literals[i].bytes, at + 1))
        if (const std::size_t end = at + literals[i].bytes.size();
            end >= ends[i].least && end <= ends[i].most) {
          expected.push_back(i);
          break;
        }
    ASSERT_EQ(found, expected);
  }
}

TEST(LiteralSet, EmptyOnesFindNothing) {
  LiteralSet set;
  ASSERT_TRUE(set.build());
  ScanScratch scratch;
  ASSERT_TRUE(scratch.prepare(set));
  std::vector<std::uint32_t> found;
  set.scan(as_bytes(std::string_view("abc")), scratch, found);
  EXPECT_TRUE(found.empty());
}

TEST(Regex, GivesUpOnWhatNeedsTooManySteps) {
  const auto regex = Regex::compile("^(a+)+$", {});
  ASSERT_TRUE(regex);
  RegexScratch scratch;
  EXPECT_EQ(regex->find(as_bytes(std::string_view("aaaa")), 0, scratch), RegexOutcome::found);
  const std::string hostile = std::string(60, 'a') + "!";
  EXPECT_EQ(regex->find(as_bytes(std::string_view(hostile)), 0, scratch), RegexOutcome::limit);
}

TEST(Regex, ReportsGroupsAndFaults) {
  const auto regex = Regex::compile("(?P<name>b+)(x)?", {});
  ASSERT_TRUE(regex);
  RegexScratch scratch;
  ASSERT_EQ(regex->find(as_bytes(std::string_view("abbc")), 0, scratch), RegexOutcome::found);
  EXPECT_EQ(scratch.group(regex->group_number("name")).begin, 1u);
  EXPECT_FALSE(scratch.group(2).set);
  EXPECT_FALSE(Regex::compile("(", {}));
}

}  // namespace
}  // namespace chieng::matching
