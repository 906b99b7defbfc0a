#include "tests/unit/steady/allocations.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <memory>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CHIENG_OWN_MALLOC 0
#else
#define CHIENG_OWN_MALLOC 1
#endif

namespace {
std::atomic<std::uint64_t> count{0};
}

#if CHIENG_OWN_MALLOC
// The C library's own, below the names that programs replace.
extern "C" {
void* __libc_malloc(std::size_t size);                    // NOLINT
void* __libc_calloc(std::size_t n, std::size_t size);     // NOLINT
void* __libc_realloc(void* block, std::size_t size);      // NOLINT
void* __libc_memalign(std::size_t at, std::size_t size);  // NOLINT

void* malloc(std::size_t size) noexcept {
  count.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(size);
}
void* calloc(std::size_t n, std::size_t size) noexcept {
  count.fetch_add(1, std::memory_order_relaxed);
  return __libc_calloc(n, size);
}
void* realloc(void* block, std::size_t size) noexcept {
  count.fetch_add(1, std::memory_order_relaxed);
  return __libc_realloc(block, size);
}
void* aligned_alloc(std::size_t at, std::size_t size) noexcept {
  count.fetch_add(1, std::memory_order_relaxed);
  return __libc_memalign(at, size);
}
}
#endif

namespace chieng::test {

bool allocations_are_counted() {
  return CHIENG_OWN_MALLOC != 0;
}
std::uint64_t allocations() {
  return count.load(std::memory_order_relaxed);
}

TEST(Allocations, AreCounted) {
  if (!allocations_are_counted()) GTEST_SKIP() << "a sanitizer's malloc is not counted";
  const std::uint64_t before = allocations();
  auto one = std::make_unique<int>(1);
  EXPECT_EQ(*one, 1);
  EXPECT_EQ(allocations() - before, 1u);
}

}  // namespace chieng::test
