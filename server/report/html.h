// Small helpers for pages that are read on paper: escaping, numbers and times as Vietnamese readers
// expect them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/time/timestamp.h"

namespace chieng::server {

[[nodiscard]] std::string escape_html(std::string_view text);
[[nodiscard]] std::string vi_number(std::uint64_t n);         // 1.234.567
[[nodiscard]] std::string vi_time(Timestamp t);               // 24/11/2026 08:15, Asia/Ho_Chi_Minh
[[nodiscard]] std::string vi_date(std::string_view iso_day);  // 24/11/2026

}  // namespace chieng::server
