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
  while (!data.empty()) {
    const std::size_t lf = data.find('\n');
    if (lf == std::string_view::npos) {
      if (!skipping_) hold(data);
      data = {};
      return std::nullopt;
    }
    std::string_view text = data.substr(0, lf);
    data.remove_prefix(lf + 1);
    if (std::exchange(skipping_, false)) continue;
    if (held_.empty() && text.size() <= max_) {
      cut_ = false;
    } else {
      hold(text);
      line_.swap(held_);
      held_.clear();
      text = line_;
    }
    const bool cut = std::exchange(cut_, false);
    if (!cut && text.ends_with('\r')) text.remove_suffix(1);
    return Line{text, cut};
  }
  return std::nullopt;
}

std::optional<LineSplitter::Line> LineSplitter::rest() {
  skipping_ = false;
  if (held_.empty()) return std::nullopt;
  line_.swap(held_);
  held_.clear();
  return Line{line_, std::exchange(cut_, false)};
}

void LineSplitter::lost() {
  held_.clear();
  cut_ = false;
  skipping_ = true;
}

}  // namespace chieng::collector
