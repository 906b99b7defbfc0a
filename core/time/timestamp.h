// A point in time: microseconds since 1970-01-01T00:00:00Z, as captures, logs and events carry it.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/error/result.h"

namespace chieng {

struct Timestamp {
  std::int64_t micros = 0;

  static constexpr Timestamp from_seconds(std::int64_t s, std::int64_t us = 0) {
    return {s * 1'000'000 + us};
  }
  [[nodiscard]] constexpr std::int64_t seconds() const {
    return micros >= 0 ? micros / 1'000'000 : -((-micros + 999'999) / 1'000'000);
  }
  [[nodiscard]] constexpr bool is_set() const { return micros != 0; }
  friend constexpr auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

[[nodiscard]] constexpr std::int64_t operator-(Timestamp a, Timestamp b) {
  return a.micros - b.micros;
}
[[nodiscard]] constexpr Timestamp operator+(Timestamp a, std::int64_t us) {
  return {a.micros + us};
}

[[nodiscard]] Timestamp now();  // the wall clock

// "2026-11-23T17:26:54.123456+0000", EVE's form; always 31 bytes for years 0000-9999.
[[nodiscard]] std::string to_iso(Timestamp t);
void append_iso(std::string& out, Timestamp t);
// RFC 3339 and EVE's form (zone without colon): date, 'T' or blank, time, optional fraction, Z or
// offset.
[[nodiscard]] Result<Timestamp> parse_iso(std::string_view text);
// The civil date in Asia/Ho_Chi_Minh (UTC+7, no daylight saving), "2026-11-24": days in reports.
[[nodiscard]] std::string local_day(Timestamp t);
// Days since 1970-01-01 of a civil date (proleptic Gregorian).
[[nodiscard]] std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day);

}  // namespace chieng
