#include "server/report/html.h"

namespace chieng::server {

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  return out;
}

std::string vi_number(std::uint64_t n) {
  std::string out = std::to_string(n);
  for (std::size_t at = out.size(); at > 3;) out.insert(at -= 3, ".");
  return out;
}

std::string vi_date(std::string_view iso_day) {
  if (iso_day.size() != 10) return std::string(iso_day);
  return std::string(iso_day.substr(8, 2)) + "/" + std::string(iso_day.substr(5, 2)) + "/" +
         std::string(iso_day.substr(0, 4));
}

std::string vi_time(Timestamp t) {
  constexpr std::int64_t zone = 7LL * 3600 * 1'000'000;
  return vi_date(local_day(t)) + " " + to_iso(t + zone).substr(11, 5);
}

}  // namespace chieng::server
