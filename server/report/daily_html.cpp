#include <algorithm>
#include <array>
#include <numeric>
#include <ranges>

#include "server/report/daily.h"
#include "server/report/html.h"

namespace chieng::server {
namespace {

constexpr std::array<std::string_view, 5> kSeverities{"", "Nghiêm trọng", "Cao", "Trung bình",
                                                      "Thấp"};

constexpr std::string_view kStyle = R"css(
@page { size: A4; margin: 14mm 14mm 14mm 22mm; }
body { font-family: "Times New Roman", "Liberation Serif", "DejaVu Serif", serif; font-size: 11.5pt; color: #000;
       max-width: 46em; margin: 0 auto; line-height: 1.25; }
h1 { font-size: 16pt; text-align: center; margin: 0 0 .2em; }
h2 { font-size: 12.5pt; margin: .9em 0 .3em; break-after: avoid; }
p { margin: .3em 0; }
p.day { text-align: center; margin: 0 0 .8em; }
table { border-collapse: collapse; width: 100%; font-size: 10pt; }
th, td { border: 1px solid #555; padding: .15em .4em; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { background: #eee; }
th:first-child { width: 34%; }
td.n, th.n { text-align: right; white-space: nowrap; overflow-wrap: normal; }
td.more { font-style: italic; }
p.foot { font-size: 9pt; color: #333; margin-top: 1.2em; border-top: 1px solid #999; padding-top: .4em; }
@media screen { body { padding: 1.5em; } }
)css";

std::string cell(std::string_view text) {
  return "<td>" + escape_html(text) + "</td>";
}
std::string cell(std::uint64_t n) {
  return "<td class=\"n\">" + vi_number(n) + "</td>";
}
std::string paragraph(std::string_view html) {
  return "<p>" + std::string(html) + "</p>\n";
}

// The report is one page: a table's first rows, and how many more there are.
constexpr std::size_t kMostAgencies = 12, kMostRules = 10, kMostIncidents = 5, kMostSilences = 8;

std::string more_row(std::size_t all, std::size_t most, int columns, std::string_view what) {
  if (all <= most) return {};
  return "<tr><td class=\"more\" colspan=\"" + std::to_string(columns) + "\">và " +
         vi_number(all - most) + " " + std::string(what) +
         " khác (xem trên trang quản trị)</td></tr>\n";
}

std::string rule_name(const RuleFacts& rule) {
  if (!rule.rule_id.empty()) return rule.rule_id;
  return std::to_string(rule.gid) + ":" + std::to_string(rule.sid);
}

std::string summary(const DailyFigures& f) {
  const auto& lines = f.day.lines;
  const auto sum = [&](auto member) {
    return std::accumulate(lines.begin(), lines.end(), std::uint64_t{0},
                           [&](std::uint64_t n, const auto& l) { return n + l.*member; });
  };
  std::string out = "<h2>1. Tổng hợp</h2>\n";
  if (lines.empty()) return out + paragraph("Trong ngày không ghi nhận cảnh báo nào.");
  out += paragraph("Ghi nhận <b>" + vi_number(sum(&DayFigures::Line::count)) +
                   "</b> lượt cảnh báo thuộc <b>" + vi_number(sum(&DayFigures::Line::groups)) +
                   "</b> nhóm tại <b>" + vi_number(lines.size()) + "</b> cơ quan; <b>" +
                   vi_number(f.day.incidents.size()) + "</b> sự cố liên quan nhiều cơ quan.");
  return out;
}

std::string by_agency(const DailyFigures& f) {
  std::string out = "<h2>2. Cảnh báo theo cơ quan</h2>\n";
  if (f.day.lines.empty()) return out + paragraph("Không có.");
  out += "<table><thead><tr><th>Cơ quan</th><th class=\"n\">Nhóm</th>";
  for (std::size_t s = 1; s < kSeverities.size(); ++s)
    out += "<th class=\"n\">" + std::string(kSeverities[s]) + "</th>";
  out += "<th class=\"n\">Tổng lượt</th></tr></thead><tbody>\n";
  for (const auto& line : f.day.lines | std::views::take(kMostAgencies)) {
    out += "<tr>" + cell(line.agency.name) + cell(line.groups);
    for (std::size_t s = 1; s < kSeverities.size(); ++s) out += cell(line.count_by_severity[s]);
    out += cell(line.count) + "</tr>\n";
  }
  out += more_row(f.day.lines.size(), kMostAgencies, 7, "cơ quan");
  return out + "</tbody></table>\n";
}

std::string top_rules(const DailyFigures& f) {
  std::string out = "<h2>3. Dấu hiệu ghi nhận nhiều nhất</h2>\n";
  if (f.day.rules.empty()) return out + paragraph("Không có.");
  out +=
      "<table><thead><tr><th>Dấu hiệu</th><th>Quy tắc</th><th>Mức</th><th class=\"n\">Cơ quan</th>"
      "<th class=\"n\">Lượt</th></tr></thead><tbody>\n";
  for (const auto& rule : f.day.rules | std::views::take(kMostRules))
    out += "<tr>" + cell(rule.rule.message) + cell(rule_name(rule.rule)) +
           cell(kSeverities[std::clamp<std::size_t>(rule.rule.severity, 1, 4)]) +
           cell(rule.agencies) + cell(rule.count) + "</tr>\n";
  return out + "</tbody></table>\n";
}

std::string incidents(const DailyFigures& f) {
  std::string out = "<h2>4. Sự cố liên quan nhiều cơ quan</h2>\n";
  if (f.day.incidents.empty()) return out + paragraph("Không ghi nhận.");
  out +=
      "<table><thead><tr><th>Nguồn trên Internet</th><th>Cơ quan</th><th>Từ</th><th>Đến</th><th "
      "class=\"n\">Lượt</th>"
      "</tr></thead><tbody>\n";
  for (const Incident& i : f.day.incidents | std::views::take(kMostIncidents)) {
    std::string names;
    for (const AgencyRef& agency : i.agencies) names += (names.empty() ? "" : ", ") + agency.name;
    if (i.agencies_total > i.agencies.size())
      names += " và " + std::to_string(i.agencies_total - i.agencies.size()) + " cơ quan khác";
    out += "<tr>" + cell(i.entity_value) + cell(names) + cell(vi_time(i.first)) +
           cell(vi_time(i.last)) + cell(i.count) + "</tr>\n";
  }
  out += more_row(f.day.incidents.size(), kMostIncidents, 5, "sự cố");
  return out + "</tbody></table>\n";
}

std::string silent_agents(const DailyFigures& f) {
  std::string out = "<h2>5. Điểm giám sát mất tín hiệu</h2>\n";
  if (f.agents.empty()) return out + paragraph("Chưa có điểm giám sát nào.");
  if (f.silences.empty())
    return out + paragraph("Không có: mọi điểm giám sát đều gửi tín hiệu trong ngày.");
  out +=
      "<table><thead><tr><th>Cơ quan</th><th>Điểm giám sát</th><th>Mất tín hiệu "
      "từ</th><th>Đến</th></tr></thead><tbody>\n";
  for (const Silence& s : f.silences | std::views::take(kMostSilences)) {
    const bool over = s.to.is_set() && s.to < f.to;
    out += "<tr>" + cell(s.agency.name) + cell(s.agent_name) +
           cell(s.from.is_set() ? vi_time(s.from) : "chưa từng có tín hiệu") +
           cell(over            ? vi_time(s.to)
                : s.to.is_set() ? "hết ngày"
                                : "chưa có lại") +
           "</tr>\n";
  }
  out += more_row(f.silences.size(), kMostSilences, 4, "lần mất tín hiệu");
  return out + "</tbody></table>\n";
}

std::string coverage(const DailyFigures& f) {
  std::uint64_t expected = 0, heard = 0;
  for (const Agent& agent : f.agents) {
    if (agent.enrolled >= f.to || (agent.revoked.is_set() && agent.revoked < f.from)) continue;
    ++expected;
    // silent for the whole day, or never heard
    const bool mute = std::any_of(f.silences.begin(), f.silences.end(), [&](const Silence& s) {
      return s.agent == agent.id && s.from <= f.from && (!s.to.is_set() || s.to >= f.to);
    });
    if (!mute) ++heard;
  }
  std::string out = "<h2>6. Phạm vi giám sát</h2>\n";
  if (expected == 0)
    return out +
           paragraph(
               "<b>Chưa có điểm giám sát nào: không có cảnh báo không có nghĩa là an toàn.</b>");
  out += paragraph("Có tín hiệu từ <b>" + vi_number(heard) + "/" + vi_number(expected) +
                   "</b> điểm giám sát; máy chủ nhận <b>" + vi_number(f.day.events_received) +
                   "</b> sự kiện; điểm giám sát báo mất <b>" + vi_number(f.day.events_lost) +
                   "</b> sự kiện trước khi gửi.");
  if (heard < expected || f.day.events_lost > 0)
    out += paragraph("Lưu ý: phần không được giám sát nêu trên không thể kết luận là an toàn.");
  return out;
}

}  // namespace

std::string render_daily(const DailyFigures& f) {
  const std::string day = vi_date(f.date);
  std::string out =
      "<!doctype html>\n<html lang=\"vi\"><head><meta charset=\"utf-8\">\n<title>Báo cáo an ninh "
      "mạng ngày " +
      escape_html(day) + "</title>\n<style>" + std::string(kStyle) + "</style></head><body>\n" +
      "<h1>BÁO CÁO AN NINH MẠNG HẰNG NGÀY</h1>\n<p class=\"day\">Ngày " + escape_html(day) +
      " (giờ Việt Nam)</p>\n";
  out += summary(f) + by_agency(f) + top_rules(f) + incidents(f) + silent_agents(f) + coverage(f);
  if (f.made < f.to)
    out += paragraph("Ngày báo cáo chưa kết thúc: số liệu tính đến " + vi_time(f.made) + ".");
  out += "<p class=\"foot\">Lập lúc " + vi_time(f.made) +
         ". Số lượt là tổng các lần ghi nhận, kể cả những lần được gộp khi gửi."
         " Thời gian theo giờ sự kiện đã hiệu chỉnh.</p>\n";
  return out + "</body></html>\n";
}

}  // namespace chieng::server
