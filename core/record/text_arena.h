// Bytes that live as long as one record: a bump allocator that keeps its blocks when cleared, so
// that a worker which reuses one record allocates nothing in steady state. Not thread-safe. Bound:
// what its owner puts in.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace chieng {

class TextArena {
 public:
  // A copy that stays valid until clear().
  [[nodiscard]] std::string_view keep(std::string_view text) {
    if (text.empty()) return {};
    char* to = space(text.size());
    std::memcpy(to, text.data(), text.size());
    return {to, text.size()};
  }
  void clear() {
    block_ = 0;
    used_ = 0;
  }

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
  };
  static constexpr std::size_t block_size = std::size_t{16} << 10;

  char* space(std::size_t size) {
    while (block_ < blocks_.size() && blocks_[block_].size - used_ < size) {
      ++block_;
      used_ = 0;
    }
    if (block_ == blocks_.size()) {
      const std::size_t bytes = size > block_size ? size : block_size;
      blocks_.push_back({std::make_unique<char[]>(bytes), bytes});
    }
    char* out = blocks_[block_].bytes.get() + used_;
    used_ += size;
    return out;
  }

  std::vector<Block> blocks_;
  std::size_t block_ = 0, used_ = 0;
};

}  // namespace chieng
