// The reassembled bytes of one direction that raw-stream inspection has not had yet.
#pragma once

#include <cstdint>
#include <vector>

#include "core/inspect/inspector.h"

namespace chieng::collector {

// Owned by a TCP session. Holds at most chunk_size bytes and what one packet can add, but for data
// that a gap frees.
class RawWindow {
 public:
  void add(std::uint64_t offset, Bytes data) {
    if (bytes_.empty() && cuts_.empty()) first_ = offset;
    bytes_.insert(bytes_.end(), data.begin(), data.end());
  }
  // Data is missing here: what follows is a chunk of its own, which starts at offset.
  void cut(std::uint64_t offset) {
    if (!bytes_.empty()) due_ = true;
    cuts_.push_back({bytes_.size(), offset});
  }
  void request() { due_ = true; }
  [[nodiscard]] bool is_due(std::size_t chunk_size) const {
    return !bytes_.empty() && (due_ || bytes_.size() >= chunk_size);
  }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  // Appends what is held to out; the chunks are good until clear().
  void chunks(Direction d, bool at_end, std::vector<StreamChunk>& out) const;
  // Everything was inspected.
  void clear();

 private:
  struct Cut {
    std::size_t at;        // in bytes_
    std::uint64_t offset;  // of that byte in the stream
  };
  std::vector<std::byte> bytes_;
  std::vector<Cut> cuts_;
  std::uint64_t first_ = 0;  // offset of bytes_[0] in the stream
  bool due_ = false;
};

}  // namespace chieng::collector
