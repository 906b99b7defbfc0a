#include "core/memory/pool.h"

#include <array>
#include <bit>
#include <mutex>
#include <new>
#include <utility>

namespace chieng {
namespace {

struct Free {
  Free* next;
};

// Steps of 32 bytes up to 1 KB, then four steps to each power of two.
constexpr std::size_t kStep = 32, kFine = 1024, kFineClasses = kFine / kStep;
constexpr std::size_t kClasses = kFineClasses + 4 * 6;
constexpr std::size_t kSlab = 256 * 1024;

struct SizeClass {
  std::size_t index, size;
};

SizeClass class_of(std::size_t size) {
  if (size <= kFine) {
    const std::size_t steps = size == 0 ? 1 : (size + kStep - 1) / kStep;
    return {steps - 1, steps * kStep};
  }
  const auto power =
      static_cast<unsigned>(std::bit_width(size - 1)) - 1u;  // 2^power < size <= 2^(power + 1)
  const std::size_t quarter = std::size_t{1} << (power - 2);
  const std::size_t steps = (size - (std::size_t{1} << power) + quarter - 1) / quarter;
  return {kFineClasses + (power - 10) * 4 + steps - 1, (std::size_t{1} << power) + steps * quarter};
}

struct Blocks {
  std::array<Free*, kClasses> free{};
  std::byte* slab = nullptr;  // what is not cut yet
  std::size_t left = 0;
};

// What threads that ended have left. Made without code, so that it is there before and after all.
struct Estate {
  std::mutex lock;
  std::array<Free*, kClasses> free{};
};
constinit Estate estate;

constinit thread_local Blocks blocks;

struct Heir {
  ~Heir() {
    const std::lock_guard guard(estate.lock);
    for (std::size_t i = 0; i < kClasses; ++i) {
      Free** end = &estate.free[i];
      while (*end != nullptr) end = &(*end)->next;
      *end = std::exchange(blocks.free[i], nullptr);
    }
    blocks.left = 0;
  }
};

[[gnu::noinline]] void* take_new(const SizeClass& c) {
  thread_local const Heir heir;
  (void)&heir;
  {
    const std::lock_guard guard(estate.lock);
    if (Free* const left = std::exchange(estate.free[c.index], nullptr)) {
      blocks.free[c.index] = left->next;
      return left;
    }
  }
  if (blocks.left < c.size) {
    blocks.slab = static_cast<std::byte*>(::operator new(kSlab));
    blocks.left = kSlab;
  }
  void* const out = blocks.slab;
  blocks.slab += c.size;
  blocks.left -= c.size;
  return out;
}

// Under the address sanitizer every block is the heap's, so that it sees wrong uses.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CHIENG_PLAIN_HEAP
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(CHIENG_PLAIN_HEAP)
constexpr bool kPooling = false;
#else
constexpr bool kPooling = true;
#endif

}  // namespace

void* pool_take(std::size_t size) {
  if (!kPooling || size > kLargestPooled) return ::operator new(size);
  const SizeClass c = class_of(size);
  Free* const first = blocks.free[c.index];
  if (first == nullptr) return take_new(c);
  blocks.free[c.index] = first->next;
  return first;
}

void pool_give(void* block, std::size_t size) noexcept {
  if (block == nullptr) return;
  if (!kPooling || size > kLargestPooled) return ::operator delete(block, size);
  const std::size_t index = class_of(size).index;
  blocks.free[index] = ::new (block) Free{blocks.free[index]};
}

}  // namespace chieng
