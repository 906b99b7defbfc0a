// Time stamps at the start of a log line, in the many forms that programs write.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/time/timestamp.h"

namespace chieng::collector {

struct LogStamp {
  Timestamp time;
  bool inferred = false;   // year or zone came from the context
  std::size_t length = 0;  // bytes of the line, with brackets
  bool bracketed = false;
};

struct StampContext {
  Timestamp reference;  // a stamp without a year is the last such day that is not after this (and
                        // one day)
  std::int32_t zone_offset = 0;  // seconds east of UTC
};

[[nodiscard]] std::optional<LogStamp> leading_stamp(std::string_view line,
                                                    const StampContext& context);

}  // namespace chieng::collector
