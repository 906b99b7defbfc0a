#include "core/time/timestamp.h"

#include <cctype>
#include <chrono>

namespace chieng {
namespace {

struct Civil {
  std::int64_t year;
  unsigned month, day;
};

// std::chrono's calendar is complete in g++ 12; only time zones are missing there.
Civil civil_from_days(std::int64_t days) {
  const std::chrono::year_month_day ymd{std::chrono::sys_days{std::chrono::days{days}}};
  return {static_cast<int>(ymd.year()), static_cast<unsigned>(ymd.month()),
          static_cast<unsigned>(ymd.day())};
}

void put(char* at, std::int64_t value, int width) {
  for (int i = width - 1; i >= 0; --i) {
    at[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

bool number(std::string_view& text, std::size_t digits, std::int64_t& out) {
  if (text.size() < digits) return false;
  out = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    out = out * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return true;
}

bool literal(std::string_view& text, std::string_view any) {
  if (text.empty() || any.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// Fraction of a second in microseconds; further digits are dropped.
std::int64_t fraction(std::string_view& text) {
  std::int64_t value = 0;
  int digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (digits < 6) {
      value = value * 10 + (text.front() - '0');
      ++digits;
    }
    text.remove_prefix(1);
  }
  for (; digits < 6; ++digits) value *= 10;
  return value;
}

bool zone_offset(std::string_view& text, std::int64_t& seconds) {
  seconds = 0;
  if (literal(text, "Zz")) return true;
  const bool negative = !text.empty() && text.front() == '-';
  std::int64_t hours = 0;
  std::int64_t minutes = 0;
  if (!literal(text, "+-") || !number(text, 2, hours)) return false;
  (void)literal(text, ":");
  if (!text.empty() && !number(text, 2, minutes)) return false;
  seconds = (hours * 60 + minutes) * 60 * (negative ? -1 : 1);
  return hours < 24 && minutes < 60;
}

}  // namespace

Timestamp now() {
  using namespace std::chrono;
  return {duration_cast<microseconds>(system_clock::now().time_since_epoch()).count()};
}

std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) {
  using namespace std::chrono;
  return sys_days{std::chrono::year{static_cast<int>(year)} / std::chrono::month{month} /
                  std::chrono::day{day}}
      .time_since_epoch()
      .count();
}

void append_iso(std::string& out, Timestamp t) {
  const std::int64_t seconds = t.seconds();
  const std::int64_t days = seconds >= 0 ? seconds / 86400 : -((-seconds + 86399) / 86400);
  const std::int64_t in_day = seconds - days * 86400;
  const Civil date = civil_from_days(days);
  char text[] = "0000-00-00T00:00:00.000000+0000";
  put(text, date.year < 0 ? 0 : date.year % 10000, 4);
  put(text + 5, date.month, 2);
  put(text + 8, date.day, 2);
  put(text + 11, in_day / 3600, 2);
  put(text + 14, in_day / 60 % 60, 2);
  put(text + 17, in_day % 60, 2);
  put(text + 20, t.micros - seconds * 1'000'000, 6);
  out.append(text, sizeof text - 1);
}

std::string to_iso(Timestamp t) {
  std::string out;
  append_iso(out, t);
  return out;
}

Result<Timestamp> parse_iso(std::string_view text) {
  const std::string whole(text);
  std::int64_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, micros = 0, zone = 0;
  const bool fields = number(text, 4, year) && literal(text, "-") && number(text, 2, month) &&
                      literal(text, "-") && number(text, 2, day) && literal(text, "Tt ") &&
                      number(text, 2, hour) && literal(text, ":") && number(text, 2, minute) &&
                      literal(text, ":") && number(text, 2, second);
  if (fields && literal(text, ".,")) micros = fraction(text);
  const bool ranges =
      month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60 && second < 61;
  if (!fields || !ranges || !zone_offset(text, zone) || !text.empty())
    return fail(ErrorCode::parse, "not an RFC 3339 time: \"" + whole + "\"");
  const std::int64_t days =
      days_from_civil(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
  return Timestamp::from_seconds(days * 86400 + hour * 3600 + minute * 60 + second - zone, micros);
}

std::string local_day(Timestamp t) {
  return to_iso(t + std::int64_t{7} * 3600 * 1'000'000).substr(0, 10);
}

}  // namespace chieng
