#include "collector/log/log_stamp.h"

#include <algorithm>
#include <array>

#include "core/record/record.h"

namespace chieng::collector {
namespace {

constexpr std::array<std::string_view, 12> months{"jan", "feb", "mar", "apr", "may", "jun",
                                                  "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::int64_t day_micros = 86'400'000'000;

struct Fields {
  std::optional<int> year;
  int month = 0, day = 0, hour = 0, minute = 0, second = 0;
  std::int64_t micros = 0;
  std::optional<std::int32_t> zone;
};

// A cursor over the line; each taker moves only when it succeeds.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}
  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
  void back_to(std::size_t at) { at_ = at; }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool take_any(std::string_view set) {
    if (at_ >= text_.size() || set.find(text_[at_]) == set.npos) return false;
    ++at_;
    return true;
  }
  bool blanks() {
    const std::size_t before = at_;
    while (take(' ')) {
    }
    return at_ > before;
  }
  bool number(int& out, std::size_t fewest, std::size_t most) {
    std::size_t size = 0;
    int value = 0;
    for (; size < most && at_ + size < text_.size(); ++size) {
      const char c = text_[at_ + size];
      if (c < '0' || c > '9') break;
      value = value * 10 + (c - '0');
    }
    if (size < fewest) return false;
    out = value;
    at_ += size;
    return true;
  }
  bool month(int& out) {
    for (std::size_t i = 0; i < months.size(); ++i)
      if (equal_ignoring_case(rest().substr(0, 3), months[i])) {
        out = static_cast<int>(i + 1);
        at_ += 3;
        return true;
      }
    return false;
  }
  bool weekday() {
    constexpr std::array<std::string_view, 7> days{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (const auto day : days)
      if (equal_ignoring_case(rest().substr(0, 3), day)) {
        at_ += 3;
        return true;
      }
    return false;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

bool clock(Cursor& c, Fields& f) {
  const std::size_t before = c.at();
  if (!(c.number(f.hour, 1, 2) && c.take(':') && c.number(f.minute, 2, 2) && c.take(':') &&
        c.number(f.second, 2, 2))) {
    c.back_to(before);
    return false;
  }
  const std::size_t point = c.at();
  int digit = 0;
  std::int64_t scale = 100'000;
  if (!c.take_any(".,") || !c.number(digit, 1, 1)) {
    c.back_to(point);
    return true;
  }
  do {
    f.micros += digit * scale;
    scale /= 10;
  } while (c.number(digit, 1, 1));
  return true;
}

// Z, +07:00, -0400, with or without a blank before.
void zone(Cursor& c, Fields& f) {
  const std::size_t before = c.at();
  (void)c.take(' ');
  if (c.take('Z')) {
    f.zone = 0;
    return;
  }
  const bool east = c.take('+');
  int hours = 0, minutes = 0;
  if ((east || c.take('-')) && c.number(hours, 2, 2) && (c.take(':') || true) &&
      c.number(minutes, 2, 2)) {
    f.zone = (east ? 1 : -1) * (hours * 3600 + minutes * 60);
    return;
  }
  c.back_to(before);
}

// 2026-01-02T03:04:05, 2026/01/02 03:04:05
bool iso(Cursor& c, Fields& f) {
  int year = 0;
  if (!c.number(year, 4, 4) || !c.take_any("-/") || !c.number(f.month, 2, 2) || !c.take_any("-/") ||
      !c.number(f.day, 2, 2))
    return false;
  if (!c.take_any("T ")) return false;
  (void)c.blanks();
  if (!clock(c, f)) return false;
  f.year = year;
  zone(c, f);
  return true;
}

// Jan  2 03:04:05, Jan 2 2026 03:04:05, Jan 2, 2026 3:04:05 AM
bool month_first(Cursor& c, Fields& f) {
  if (!c.month(f.month) || !c.blanks() || !c.number(f.day, 1, 2)) return false;
  (void)c.take(',');
  if (!c.blanks()) return false;
  const std::size_t before = c.at();
  int year = 0;
  if (c.number(year, 4, 4) && c.blanks())
    f.year = year;
  else
    c.back_to(before);
  if (!clock(c, f)) return false;
  if (equal_ignoring_case(c.rest().substr(0, 3), " pm") && f.hour < 12)
    f.hour += 12;
  else if (equal_ignoring_case(c.rest().substr(0, 3), " am") && f.hour == 12)
    f.hour = 0;
  if (equal_ignoring_case(c.rest().substr(0, 3), " am") ||
      equal_ignoring_case(c.rest().substr(0, 3), " pm"))
    c.back_to(c.at() + 3);
  return true;
}

// Fri Jan  2 03:04:05 2026, PDT Jan 2 03:04:05
bool word_first(Cursor& c, Fields& f) {
  const std::size_t word = c.rest().find(' ');
  if (!c.weekday()) {
    if (word == std::string_view::npos || word < 2 || word > 5) return false;
    const auto upper = [](char ch) { return ch >= 'A' && ch <= 'Z'; };
    if (!std::ranges::all_of(c.rest().substr(0, word), upper)) return false;
    c.back_to(c.at() + word);
  }
  (void)c.take(',');
  if (!c.blanks() || !month_first(c, f)) return false;
  const std::size_t before = c.at();
  int year = 0;
  if (!f.year && c.blanks() && c.number(year, 4, 4))
    f.year = year;
  else
    c.back_to(before);
  return true;
}

// 02-Jan-2026 03:04:05, 02/Jan/2026:03:04:05 +0700
bool day_first(Cursor& c, Fields& f) {
  int year = 0;
  if (!c.number(f.day, 1, 2) || !c.take_any("-/ ") || !c.month(f.month) || !c.take_any("-/ ") ||
      !c.number(year, 4, 4))
    return false;
  if (!c.take_any(": ") || !clock(c, f)) return false;
  f.year = year;
  zone(c, f);
  return true;
}

// 20260102-03:04:05, 260102  3:04:05
bool packed(Cursor& c, Fields& f) {
  int date = 0;
  const std::size_t before = c.at();
  if (!c.number(date, 8, 8)) {
    c.back_to(before);
    if (!c.number(date, 6, 6)) return false;
    date += 20'000'000;
  }
  if (!c.take('-') && !c.blanks()) return false;
  if (!clock(c, f)) return false;
  f.year = date / 10'000;
  f.month = date / 100 % 100;
  f.day = date % 100;
  return true;
}

std::optional<Timestamp> to_time(Fields f, const StampContext& context, bool& inferred) {
  if (f.month < 1 || f.month > 12 || f.day < 1 || f.day > 31 || f.hour > 23 || f.minute > 59 ||
      f.second > 60)
    return std::nullopt;
  inferred = !f.year || !f.zone;
  const auto at_year = [&](int year) {
    const std::int64_t days =
        days_from_civil(year, static_cast<unsigned>(f.month), static_cast<unsigned>(f.day));
    const std::int64_t seconds = days * 86'400 + f.hour * 3600 + f.minute * 60 + f.second -
                                 f.zone.value_or(context.zone_offset);
    return Timestamp::from_seconds(seconds, f.micros);
  };
  if (f.year) return at_year(*f.year);
  int year = 1970 + static_cast<int>(context.reference.seconds() / 31'556'952);
  Timestamp out = at_year(year + 1);
  while (out.micros > context.reference.micros + day_micros && year > 1900) out = at_year(year--);
  return out;
}

// 1386543500.000 and TAI64N: seconds since 1970.
bool epoch(Cursor& c, Timestamp& out) {
  if (c.take('@')) {
    std::uint64_t seconds = 0;
    std::string_view hex = c.rest().substr(0, 24);
    if (hex.size() < 24 || hex.find_first_not_of("0123456789abcdef") != hex.npos) return false;
    for (const char ch : hex.substr(0, 16))
      seconds = seconds << 4 | static_cast<std::uint64_t>(ch <= '9' ? ch - '0' : ch - 'a' + 10);
    constexpr std::uint64_t base =
        (std::uint64_t{1} << 62) + 10;  // TAI was 10 s ahead in 1970; leap seconds are ignored
    if (seconds < base || seconds - base > 1'000'000'000'000) return false;
    out = Timestamp::from_seconds(static_cast<std::int64_t>(seconds - base));
    c.back_to(c.at() + 24);
    return true;
  }
  int high = 0, low = 0, fraction = 0;
  if (!c.number(high, 5, 5) || !c.number(low, 5, 5) || !c.take('.') || !c.number(fraction, 3, 3))
    return false;
  out = Timestamp::from_seconds(std::int64_t{high} * 100'000 + low, std::int64_t{fraction} * 1000);
  return true;
}

}  // namespace

std::optional<LogStamp> leading_stamp(std::string_view line, const StampContext& context) {
  const bool bracketed = line.starts_with('[');
  const std::string_view text = line.substr(bracketed ? 1 : 0, 64);
  constexpr std::array<bool (*)(Cursor&, Fields&), 5> forms{iso, month_first, word_first, day_first,
                                                            packed};
  LogStamp out;
  std::size_t used = 0;
  for (const auto form : forms) {
    Cursor cursor(text);
    Fields fields;
    if (!form(cursor, fields)) continue;
    const auto time = to_time(fields, context, out.inferred);
    if (!time) continue;
    out.time = *time;
    used = cursor.at();
    break;
  }
  if (used == 0) {
    Cursor cursor(text);
    if (!epoch(cursor, out.time)) return std::nullopt;
    used = cursor.at();
  }
  if (bracketed && (used >= text.size() || text[used] != ']')) return std::nullopt;
  if (!bracketed && used < text.size() &&
      std::string_view(" :,\t").find(text[used]) == std::string_view::npos)
    return std::nullopt;
  out.bracketed = bracketed;
  out.length = used + (bracketed ? 2 : 0);
  return out;
}

}  // namespace chieng::collector
