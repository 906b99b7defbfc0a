// Cuts a direction into lines that end with LF; CR before it is taken off.
#pragma once

#include <string>
#include <string_view>

namespace chieng::collector::ftp {

// Holds at most kMostLine bytes of an unfinished line. A line that is longer is handed on once,
// cut, as soon as that is known; the rest of it is passed over.
class Lines {
 public:
  static constexpr std::size_t kMostLine = 4096;

  // Calls take(line, truncated) for every line; stops early where it returns false.
  template <class F>
  void feed(std::string_view data, F&& take) {
    while (!data.empty()) {
      const std::size_t end = data.find('\n');
      const std::string_view piece = data.substr(0, end);
      data.remove_prefix(end == std::string_view::npos ? data.size() : end + 1);
      if (!skipping_) {
        held_.append(piece.substr(0, kMostLine + 1 - held_.size()));
        if (held_.size() > kMostLine) {
          held_.resize(kMostLine);
          skipping_ = true;
          if (!emit(take, true)) return;
        } else if (end != std::string_view::npos && !emit(take, false)) {
          return;
        }
      }
      if (end != std::string_view::npos) skipping_ = false;
    }
  }
  void gap() {
    held_.clear();
    skipping_ = true;  // to the end of the line that was hit
  }

 private:
  template <class F>
  bool emit(F&& take, bool truncated) {
    std::string line = std::move(held_);
    held_.clear();
    if (!truncated && line.ends_with('\r')) line.pop_back();
    return take(std::string_view(line), truncated);
  }

  std::string held_;
  bool skipping_ = false;
};

}  // namespace chieng::collector::ftp
