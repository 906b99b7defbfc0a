#include "agent/pipeline/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace chieng::agent {

Progress::Progress() : terminal_(isatty(STDERR_FILENO) == 1) {}

void Progress::clear() {
  if (!drawn_) return;
  fmt::print(stderr, "\r\033[K");
  drawn_ = false;
}

void Progress::draw(std::string_view input, std::uint64_t units, std::string_view unit,
                    std::uint64_t alerts) {
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < std::chrono::milliseconds(200)) return;
  last_ = now;
  constexpr std::size_t width = 48;
  if (input.size() > width) input.remove_prefix(input.size() - width);
  fmt::print(stderr, "\r\033[K{}: {} {}, {} alerts", input, units, unit, alerts);
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace chieng::agent
