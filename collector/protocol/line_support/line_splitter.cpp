#include "collector/protocol/line_support/line_splitter.h"

#include <algorithm>
#include <utility>

namespace chieng::collector {

void LineSplitter::hold(std::string_view data) {
  const std::size_t room = max_ - std::min(max_, held_.size());
  if (data.size() > room) cut_ = true;
  held_.append(data.substr(0, room));
}

std::optional<LineSplitter::Line> LineSplitter::next(std::string_view& data) {
  if (data.empty()) return std::nullopt;
  const std::size_t lf = data.find('\n');
  if (lf == std::string_view::npos) {
    hold(data);
    data = {};
    return std::nullopt;
  }
  std::string_view text = data.substr(0, lf);
  data.remove_prefix(lf + 1);
  if (!held_.empty() || text.size() > max_) {
    hold(text);
    line_.swap(held_);
    held_.clear();
    text = line_;
  }
  const bool cut = std::exchange(cut_, false);
  if (!cut && text.ends_with('\r')) text.remove_suffix(1);
  return Line{text, cut, std::exchange(torn_, false)};
}

std::optional<LineSplitter::Line> LineSplitter::rest() {
  if (held_.empty()) return std::nullopt;
  line_.swap(held_);
  held_.clear();
  return Line{line_, std::exchange(cut_, false), std::exchange(torn_, false)};
}

void LineSplitter::lost() {
  held_.clear();
  cut_ = false;
  torn_ = true;
}

}  // namespace chieng::collector
