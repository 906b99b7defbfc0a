// The running agent's state as a file, for `status` and for whoever watches the machine. Made of
// numbers and of texts of our own; nothing that came from outside stands in it.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string_view>
#include <vector>

#include "agent/supervisor/child_report.h"
#include "core/error/result.h"

namespace chieng::agent {

struct ChildFacts {
  ChildReport report;
  pid_t pid = 0;  // 0: not running now
  unsigned restarts = 0;
};
struct StatusFacts {
  std::string_view state;  // "running", "stopped"
  pid_t pid = 0;
  std::vector<ChildFacts> children;
};
[[nodiscard]] Status write_status_file(const std::filesystem::path& path, const StatusFacts& facts);

}  // namespace chieng::agent
