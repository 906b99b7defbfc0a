#include "collector/protocol/file_support/range_store.h"

#include <gtest/gtest.h>

#include "core/hash/digest.h"

namespace chieng::collector {
namespace {

class Ranges : public testing::Test {
 protected:
  std::unique_ptr<RangeFile> add(std::uint64_t offset, std::string_view data,
                                 std::uint64_t size = 10, std::string_view path = "/f") {
    return store_.add({"a.vn", path, size, offset, as_bytes(data)}, Direction::to_client, {},
                      {1024, 0, 4096});
  }
  static std::string text(const RangeFile& file) {
    const auto slice = file.window.slice();
    return slice ? std::string(as_text(slice->data)) : "";
  }
  RangeStore store_;
};

TEST_F(Ranges, InOrder) {
  EXPECT_EQ(add(0, "01234"), nullptr);
  const auto whole = add(5, "56789");
  ASSERT_NE(whole, nullptr);
  EXPECT_EQ(text(*whole), "0123456789");
  EXPECT_EQ(whole->tracked.size(), 10u);
  EXPECT_EQ(whole->tracked.name(), "/f");
  EXPECT_EQ(store_.size(), 0u);
}

TEST_F(Ranges, InAnyOrderWithOverlaps) {
  EXPECT_EQ(add(7, "789"), nullptr);
  EXPECT_EQ(add(3, "34"), nullptr);
  EXPECT_EQ(add(3, "3456"), nullptr);
  EXPECT_EQ(add(6, "67"), nullptr);
  EXPECT_EQ(add(0, "01"), nullptr);
  const auto whole = add(1, "123");
  ASSERT_NE(whole, nullptr);
  EXPECT_EQ(text(*whole), "0123456789");
}

TEST_F(Ranges, FilesAreTakenApartByPathAndSize) {
  EXPECT_EQ(add(0, "01234", 10, "/a"), nullptr);
  EXPECT_EQ(add(5, "56789", 10, "/b"), nullptr);
  EXPECT_EQ(add(5, "56789", 11, "/a"), nullptr);
  EXPECT_EQ(store_.size(), 3u);
  EXPECT_NE(add(5, "56789", 10, "/a"), nullptr);
}

TEST_F(Ranges, ManySmallPartsBeforeTheFirst) {
  const std::uint64_t size = 20'001;
  for (std::uint64_t at = 1; at < size; ++at) ASSERT_EQ(add(at, "x", size), nullptr);
  const auto whole = add(0, "x", size);
  ASSERT_NE(whole, nullptr);
  EXPECT_EQ(whole->tracked.size(), size);
}

TEST_F(Ranges, FilesUnderWayAreBounded) {
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(add(0, "0", 10, "/" + std::to_string(i)), nullptr);
  EXPECT_EQ(store_.size(), RangeStore::kMostFiles);
  EXPECT_NE(add(1, "123456789", 10, "/999"), nullptr);
  EXPECT_EQ(add(1, "123456789", 10, "/0"), nullptr);  // long gone
}

TEST_F(Ranges, WhatWaitsIsBounded) {
  const std::string part(1 << 20, 'p');
  for (std::uint64_t i = 0; i < 40; ++i)
    EXPECT_EQ(add(1, part, 1 << 30, "/" + std::to_string(i)), nullptr);
  EXPECT_LT(store_.size(), 33u);
}

}  // namespace
}  // namespace chieng::collector
