// Where an event stands in time. Stamps come from packets, logs and clocks that may be wrong or
// lie: what cannot be is kept and flagged, and placed by the next better clock.
#pragma once

#include "server/store/append.h"

namespace chieng::server {

inline constexpr std::int64_t kFutureMicros =
    600'000'000;  // ten minutes ahead is still clock error
inline constexpr std::int64_t kPastMicros =
    366LL * 86'400'000'000LL;  // old log files are read, too
inline constexpr std::int64_t kLateMicros = 3'600'000'000LL;

struct Placement {
  Timestamp placed;
  std::uint32_t flags = 0;
};
// clock_offset: server minus agent; it is added only where the agent's clock is known to be off.
[[nodiscard]] Placement place(const Envelope& envelope, Timestamp received,
                              std::int64_t clock_offset_us, ClockQuality quality);

}  // namespace chieng::server
