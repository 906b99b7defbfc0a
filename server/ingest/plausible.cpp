#include "server/ingest/plausible.h"

namespace chieng::server {
namespace {

bool within(Timestamp t, Timestamp around) {
  return t.micros <= around.micros + kFutureMicros && t.micros >= around.micros - kPastMicros;
}

}  // namespace

Placement place(const Envelope& envelope, Timestamp received, std::int64_t clock_offset_us,
                ClockQuality quality) {
  // An offset beyond any sense is not a measurement.
  const bool correct = quality == ClockQuality::suspect && clock_offset_us > -kPastMicros &&
                       clock_offset_us < kPastMicros;
  const std::int64_t offset = correct ? clock_offset_us : 0;
  // Compared before adding: a stamp near the ends of the number must not overflow.
  constexpr std::int64_t far = INT64_MAX / 4;
  const auto corrected = [&](Timestamp t) {
    return t.micros > -far && t.micros < far ? Timestamp{t.micros + offset}
                                             : Timestamp{INT64_MIN / 4};
  };
  Placement out;
  Timestamp observed = corrected(envelope.observed_time);
  if (!envelope.observed_time.is_set() || !within(observed, received)) {
    out.flags |= observed_time_implausible;
    observed = received;
  }
  out.placed = corrected(envelope.event_time);
  if (!envelope.event_time.is_set() || !within(out.placed, observed)) {
    out.flags |= event_time_implausible;
    out.placed = observed;
  }
  if (out.placed > received) out.placed = received;  // order never runs ahead of the server's clock
  if (received - out.placed > kLateMicros) out.flags |= event_late;
  return out;
}

}  // namespace chieng::server
