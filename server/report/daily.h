// The daily report: one HTML page in Vietnamese, for a day of Asia/Ho_Chi_Minh. Same data and same
// `made`: same bytes.
#pragma once

#include <string>
#include <string_view>

#include "server/store/store.h"

namespace chieng::server {

struct DailyFigures {
  std::string date;  // "2026-11-24"
  Timestamp from, to, made;
  DayFigures day;
  std::vector<Silence> silences;
  std::vector<Agent> agents;
};

// date: YYYY-MM-DD, "today" or "yesterday"; invalid_argument otherwise, and for days to come.
[[nodiscard]] Result<std::string> daily_report(Store& store, const Scope& scope,
                                               std::string_view date, Timestamp made);
[[nodiscard]] std::string render_daily(const DailyFigures& figures);

}  // namespace chieng::server
