#include "collector/protocol/file_support/window.h"

#include <algorithm>

namespace chieng::collector {

std::uint64_t InspectionWindow::room() const {
  if (settings_.limit == 0) return kUnlimitedKept;
  return settings_.limit > total_ ? settings_.limit - total_ : 0;
}

bool InspectionWindow::append(Bytes data) {
  if (done_) return false;
  const std::uint64_t n = std::min<std::uint64_t>(room(), data.size());
  if (n == 0) return false;
  data_.append(as_text(data.last(settings_.limit == 0 ? n : data.size())).substr(0, n));
  total_ += settings_.limit == 0 ? data.size() : n;
  return update();
}

bool InspectionWindow::gap(std::uint64_t bytes) {
  if (done_) return false;
  const std::uint64_t n = std::min(room(), bytes);
  if (n == 0) return false;
  data_.append(n, '\0');
  total_ += settings_.limit == 0 ? bytes : n;
  return update();
}

bool InspectionWindow::update() {
  base_ = total_ - data_.size();
  trim();
  if (settings_.limit != 0 && total_ >= settings_.limit) {
    done_ = true;
  } else if (generation_ == 0) {
    if (total_ < settings_.first_look) return false;
  } else if (total_ - end_ < settings_.window / 4) {
    return false;
  }
  look();
  return true;
}

bool InspectionWindow::finish() {
  if (done_) return false;
  done_ = true;
  if (total_ == 0) return false;
  look();
  return true;
}

void InspectionWindow::look() {
  if (generation_ == 0 || shown_) {
    ++generation_;
    const std::uint64_t fresh = total_ - end_;
    const std::uint64_t overlap = std::max<std::uint64_t>(
        settings_.window / 4, settings_.window > fresh ? settings_.window - fresh : 0);
    begin_ = end_ > overlap ? end_ - overlap : 0;
    shown_ = false;
  }
  begin_ = std::max(begin_, base_);
  end_ = total_;
}

// Only without a limit: otherwise everything up to the limit stays.
void InspectionWindow::trim() {
  if (settings_.limit != 0 || data_.size() < 2 * kUnlimitedKept) return;
  const std::size_t drop = data_.size() - kUnlimitedKept;
  data_.erase(0, drop);
  base_ += drop;
  begin_ = std::max(begin_, base_);
  end_ = std::max(end_, base_);
}

std::optional<BufferSlice> InspectionWindow::slice() const {
  if (generation_ == 0) return std::nullopt;
  shown_ = true;
  const std::string_view text = std::string_view(data_).substr(begin_ - base_, end_ - begin_);
  return BufferSlice{as_bytes(text), begin_, generation_, done_ && end_ == total_};
}

}  // namespace chieng::collector
