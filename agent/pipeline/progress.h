// One line on a terminal that tells how far a scan is; nothing where standard error is not a
// terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace chieng::agent {

class Progress {
 public:
  Progress();
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Cheap: looks at the clock only each few thousand calls, and draws five times a second at most.
  void update(std::string_view input, std::uint64_t units, std::string_view unit,
              std::uint64_t alerts) {
    if (terminal_ && (++calls_ & 0x3ff) == 0) draw(input, units, unit, alerts);
  }
  void clear();  // before anything else is written there

 private:
  void draw(std::string_view input, std::uint64_t units, std::string_view unit,
            std::uint64_t alerts);

  bool terminal_ = false, drawn_ = false;
  std::uint64_t calls_ = 0;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace chieng::agent
