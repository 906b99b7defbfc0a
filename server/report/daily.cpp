#include "server/report/daily.h"

#include <algorithm>
#include <charconv>

namespace chieng::server {
namespace {

constexpr std::int64_t kDay = 86'400'000'000;
constexpr std::int64_t kZone = 7LL * 3600 * 1'000'000;

// The first moment of a civil day in Asia/Ho_Chi_Minh.
Result<Timestamp> start_of(std::string_view date) {
  const auto wrong = [&] {
    return fail(ErrorCode::invalid_argument,
                "'" + std::string(date) + "' is not a day: YYYY-MM-DD, today or yesterday");
  };
  int year = 0;
  unsigned month = 0, day = 0;
  if (date.size() != 10 || date[4] != '-' || date[7] != '-') return wrong();
  const auto number = [&](std::size_t from, std::size_t n, auto& out) {
    const char* end = date.data() + from + n;
    const auto [stop, error] = std::from_chars(date.data() + from, end, out);
    return error == std::errc{} && stop == end;
  };
  if (!number(0, 4, year) || !number(5, 2, month) || !number(8, 2, day) || year < 1970)
    return wrong();
  if (month < 1 || month > 12 || day < 1 || day > 31) return wrong();
  const Timestamp out{days_from_civil(year, month, day) * kDay - kZone};
  return local_day(out) == date ? Result<Timestamp>(out) : wrong();  // 31 February and the like
}

}  // namespace

Result<std::string> daily_report(Store& store, const Scope& scope, std::string_view date,
                                 Timestamp made) {
  DailyFigures out;
  out.date = date == "today"       ? local_day(made)
             : date == "yesterday" ? local_day({made.micros - kDay})
                                   : std::string(date);
  CHIENG_TRY(out.from, start_of(out.date));
  out.to = {out.from.micros + kDay};
  out.made = made;
  if (out.from > made)
    return fail(ErrorCode::invalid_argument, "the day " + out.date + " is still to come");
  CHIENG_TRY(out.day, store.day_figures(scope, out.from, out.to));
  CHIENG_TRY(out.silences, store.silences(scope, out.from, std::min(out.to, made)));
  CHIENG_TRY(out.agents, store.agents(scope, made));
  return render_daily(out);
}

}  // namespace chieng::server
