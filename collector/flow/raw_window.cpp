#include "collector/flow/raw_window.h"

namespace chieng::collector {

void RawWindow::chunks(Direction d, bool at_end, std::vector<StreamChunk>& out) const {
  std::size_t at = 0;
  std::uint64_t offset = first_;
  bool start = first_ == 0;
  const auto emit = [&](std::size_t end) {
    if (end > at)
      out.push_back({.direction = d,
                     .offset = offset,
                     .data = Bytes(bytes_).subspan(at, end - at),
                     .at_start = start});
  };
  for (const Cut& cut : cuts_) {
    emit(cut.at);
    at = cut.at;
    offset = cut.offset;
    start = true;
  }
  emit(bytes_.size());
  if (at_end && !out.empty()) out.back().at_end = true;
}

void RawWindow::clear() {
  const bool gap_last = !cuts_.empty() && cuts_.back().at == bytes_.size();
  const std::uint64_t next = gap_last ? cuts_.back().offset : 0;
  bytes_.clear();
  cuts_.clear();
  due_ = false;
  if (gap_last) cuts_.push_back({0, next});
}

}  // namespace chieng::collector
