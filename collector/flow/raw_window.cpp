#include "collector/flow/raw_window.h"

namespace chieng::collector {

void RawWindow::add(RawSpares& spares, std::uint64_t offset, Bytes data) {
  if (held_ == nullptr) held_ = spares.take();
  if (held_->bytes.empty() && held_->cuts.empty()) held_->first = offset;
  held_->bytes.insert(held_->bytes.end(), data.begin(), data.end());
}

void RawWindow::cut(RawSpares& spares, std::uint64_t offset) {
  if (held_ == nullptr) held_ = spares.take();
  if (!held_->bytes.empty()) due_ = true;
  held_->cuts.push_back({held_->bytes.size(), offset});
}

void RawWindow::chunks(Direction d, bool at_end, std::vector<StreamChunk>& out) const {
  if (held_ == nullptr) return;
  std::size_t at = 0;
  std::uint64_t offset = held_->first;
  bool start = offset == 0;
  const auto emit = [&](std::size_t end) {
    if (end > at)
      out.push_back({.direction = d,
                     .offset = offset,
                     .data = Bytes(held_->bytes).subspan(at, end - at),
                     .at_start = start});
  };
  for (const RawBytes::Cut& cut : held_->cuts) {
    emit(cut.at);
    at = cut.at;
    offset = cut.offset;
    start = true;
  }
  emit(held_->bytes.size());
  if (at_end && !out.empty()) out.back().at_end = true;
}

void RawWindow::clear(RawSpares& spares) {
  due_ = false;
  if (held_ == nullptr) return;
  const auto& cuts = held_->cuts;
  if (!cuts.empty() && cuts.back().at == held_->bytes.size()) {  // a gap is the last that came
    const std::uint64_t next = cuts.back().offset;
    held_->bytes.clear();
    held_->cuts.assign(1, {0, next});
    return;
  }
  spares.give(std::move(held_));
}

}  // namespace chieng::collector
