#include "core/memory/pool.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <thread>
#include <vector>

namespace chieng {
namespace {

struct Base : Pooled {
  virtual ~Base() = default;
  int a = 1;
};
struct Large final : Base {
  std::array<char, 5000> text{};
};

TEST(Pool, BlocksOfEverySizeAreApart) {
  std::vector<std::pair<unsigned char*, std::size_t>> blocks;
  for (std::size_t size = 1; size < 70'000; size += size / 7 + 1) {
    auto* block = static_cast<unsigned char*>(pool_take(size));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % alignof(std::max_align_t), 0u);
    std::memset(block, static_cast<int>(size & 0xff), size);
    blocks.emplace_back(block, size);
  }
  for (const auto& [block, size] : blocks) {
    EXPECT_EQ(block[0], size & 0xff);
    EXPECT_EQ(block[size - 1], size & 0xff);
    pool_give(block, size);
  }
}

TEST(Pool, ObjectsOfDerivedKindsGoBackWithTheirOwnSize) {
  for (int i = 0; i < 1000; ++i) {
    const std::unique_ptr<Base> small = std::make_unique<Base>();
    const std::unique_ptr<Base> large = std::make_unique<Large>();
    EXPECT_EQ(small->a + large->a, 2);
  }
}

// Under the address sanitizer blocks are the heap's, which keeps them back for a while.
TEST(Pool, WhatIsGivenBackIsTakenAgain) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "no pooling under the address sanitizer";
#endif
  void* const first = pool_take(100);
  pool_give(first, 100);
  void* const second = pool_take(97);
  EXPECT_EQ(first, second);
  pool_give(second, 97);
}

TEST(Pool, ThreadsHandBlocksOver) {
  std::vector<PooledString> texts;
  std::thread([&texts] {
    for (int i = 0; i < 1000; ++i) texts.emplace_back(100, static_cast<char>('a' + i % 26));
  }).join();
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(texts[static_cast<std::size_t>(i)][99], 'a' + i % 26);
    texts[static_cast<std::size_t>(i)] = PooledString(200, 'z');
  }
}

TEST(Pool, Containers) {
  PooledVector<PooledString> list;
  for (int i = 0; i < 5000; ++i) list.emplace_back(static_cast<std::size_t>(i), 'x');
  EXPECT_EQ(list[4321].size(), 4321u);
  list.clear();
}

}  // namespace
}  // namespace chieng
