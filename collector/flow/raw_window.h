// The reassembled bytes of one direction that raw-stream inspection has not had yet.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "core/inspect/inspector.h"

namespace chieng::collector {

// What a window holds; used again by others once it was inspected.
struct RawBytes {
  struct Cut {
    std::size_t at;        // in bytes
    std::uint64_t offset;  // of that byte in the stream
  };
  std::vector<std::byte> bytes;
  std::vector<Cut> cuts;
  std::uint64_t first = 0;  // offset of bytes[0] in the stream
};

// The empty ones of a worker. Bounded: kMost, of kLargest bytes each.
class RawSpares {
 public:
  static constexpr std::size_t kMost = 256, kLargest = 8192;

  [[nodiscard]] std::unique_ptr<RawBytes> take() {
    if (spares_.empty()) return std::make_unique<RawBytes>();
    std::unique_ptr<RawBytes> out = std::move(spares_.back());
    spares_.pop_back();
    return out;
  }
  void give(std::unique_ptr<RawBytes> held) {
    if (spares_.size() >= kMost || held->bytes.capacity() > kLargest) return;
    held->bytes.clear();
    held->cuts.clear();
    spares_.push_back(std::move(held));
  }

 private:
  std::vector<std::unique_ptr<RawBytes>> spares_;
};

// Owned by a TCP session. Holds at most chunk_size bytes and what one packet can add, but for data
// that a gap frees; nothing between inspections.
class RawWindow {
 public:
  void add(RawSpares& spares, std::uint64_t offset, Bytes data);
  // Data is missing here: what follows is a chunk of its own, which starts at offset.
  void cut(RawSpares& spares, std::uint64_t offset);
  void request() { due_ = true; }
  [[nodiscard]] bool is_due(std::size_t chunk_size) const {
    return !empty() && (due_ || size() >= chunk_size);
  }
  [[nodiscard]] bool empty() const { return held_ == nullptr || held_->bytes.empty(); }
  [[nodiscard]] std::size_t size() const { return held_ == nullptr ? 0 : held_->bytes.size(); }
  // Appends what is held to out; the chunks are good until clear().
  void chunks(Direction d, bool at_end, std::vector<StreamChunk>& out) const;
  // Everything was inspected.
  void clear(RawSpares& spares);

 private:
  std::unique_ptr<RawBytes> held_;
  bool due_ = false;
};

}  // namespace chieng::collector
