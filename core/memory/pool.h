// Memory for what comes and goes with packets: flows, parsers, transactions, segments that wait.
// Blocks are cut from slabs and used again, so that a worker in steady state asks the system for
// nothing. Blocks belong to the thread that takes them; one that is given back on another thread is
// used there. A thread that ends leaves its blocks to the next. Bounded by what its users hold at
// once: slabs are never returned.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace chieng {

// Larger blocks come from the heap.
inline constexpr std::size_t kLargestPooled = 64 * 1024;

[[nodiscard]] void* pool_take(std::size_t size);
// size: as it was taken.
void pool_give(void* block, std::size_t size) noexcept;

// What derives from it, and what derives from that, is made of pooled blocks.
struct Pooled {
  static void* operator new(std::size_t size) { return pool_take(size); }
  static void operator delete(void* block, std::size_t size) noexcept { pool_give(block, size); }
};

template <class T>
struct PoolAllocator {
  using value_type = T;
  PoolAllocator() = default;
  template <class U>
  PoolAllocator(const PoolAllocator<U>&) noexcept {}  // NOLINT: as the standard's allocators are
  [[nodiscard]] T* allocate(std::size_t n) { return static_cast<T*>(pool_take(n * sizeof(T))); }
  void deallocate(T* block, std::size_t n) noexcept { pool_give(block, n * sizeof(T)); }
  friend bool operator==(const PoolAllocator&, const PoolAllocator&) { return true; }
};

template <class T>
using PooledVector = std::vector<T, PoolAllocator<T>>;
using PooledString = std::basic_string<char, std::char_traits<char>, PoolAllocator<char>>;

}  // namespace chieng
