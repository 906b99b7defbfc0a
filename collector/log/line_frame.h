// What stands around a log message: priority, time, host, program and process id.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "collector/log/log_stamp.h"

namespace chieng::collector {

struct LineFrame {
  std::optional<LogStamp> stamp;
  std::string_view host, process;  // empty: not in the line
  std::optional<std::uint32_t> pid;
  std::string_view message;    // what is left
  std::uint32_t repeated = 1;  // "message repeated 3 times: […]"
};

// RFC 3164 as files have it, ISO stamps, RFC 5424, bare program tags, and plain messages with or
// without a stamp.
[[nodiscard]] LineFrame parse_frame(std::string_view line, const StampContext& context);

}  // namespace chieng::collector
