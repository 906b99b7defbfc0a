#include "server/report/daily.h"

#include "core/file/file.h"
#include "server/report/html.h"
#include "tests/unit/server/store/store_fixture.h"

namespace chieng::server {
namespace {

Timestamp at(const char* text) {
  return *parse_iso(text);
}
Uuid id(std::uint8_t n) {
  Uuid out;
  out.bytes[15] = n;
  return out;
}

DailyFigures figures() {
  DailyFigures f;
  f.date = "2026-11-24";
  f.from = at("2026-11-23T17:00:00Z");
  f.to = at("2026-11-24T17:00:00Z");
  f.made = at("2026-11-25T00:30:00Z");
  DayFigures::Line line;
  line.agency = {id(1), "Xã Một <b>"};
  line.groups = 3;
  line.count = 1'234'567;
  line.count_by_severity = {0, 1, 0, 1'234'566, 0};
  line.groups_by_severity = {0, 1, 0, 2, 0};
  f.day.lines = {line};
  DayFigures::Rule rule;
  rule.rule.gid = 1;
  rule.rule.sid = 9'700'001;
  rule.rule.message = "Duyệt thư mục & 'trái phép'";
  rule.rule.severity = 1;
  rule.groups = 1;
  rule.count = 1;
  rule.agencies = 1;
  f.day.rules = {rule};
  Incident incident;
  incident.entity_value = "203.0.113.9";
  incident.agencies = {{id(1), "Xã Một <b>"}, {id(2), "Phường Hai"}};
  incident.agencies_total = 3;
  incident.count = 10;
  incident.first = at("2026-11-24T01:00:00Z");
  incident.last = at("2026-11-24T01:50:00Z");
  f.day.incidents = {incident};
  f.day.events_received = 20'000;
  f.day.events_lost = 5;
  for (std::uint8_t n = 1; n <= 3; ++n) {
    Agent agent;
    agent.id = id(n);
    agent.enrolled = at("2026-11-01T00:00:00Z");
    f.agents.push_back(agent);
  }
  f.silences = {{{id(1), "Xã Một <b>"},
                 id(1),
                 "may-1",
                 at("2026-11-24T03:00:00Z"),
                 at("2026-11-24T04:15:00Z")},
                {{id(2), "Phường Hai"}, id(2), "may-2", at("2026-11-20T03:00:00Z"), Timestamp{}},
                {{id(3), "Xã Ba"}, id(3), "may-3", Timestamp{}, Timestamp{}}};
  return f;
}

void expect_golden(const std::string& name, const std::string& html) {
  const auto path = std::filesystem::path(CHIENG_TEST_DATA) / "reports" / name;
  const auto golden = read_file(path);
  ASSERT_TRUE(golden) << golden.error().message();
  EXPECT_EQ(html, *golden) << "where the change is meant, write the new text into " << path;
}

TEST(DailyReport, Golden) {
  expect_golden("daily.html", render_daily(figures()));
}

TEST(DailyReport, WithoutAlertsItSaysSo) {
  DailyFigures f = figures();
  f.day = {};
  f.silences.clear();
  f.agents.clear();
  f.made = at("2026-11-24T05:00:00Z");
  expect_golden("daily_quiet.html", render_daily(f));
}

TEST(DailyReport, ManyAgenciesAndSilencesStayOnOnePage) {
  DailyFigures f = figures();
  f.day.lines.resize(40, f.day.lines[0]);
  f.day.rules.resize(20, f.day.rules[0]);
  f.day.incidents.resize(9, f.day.incidents[0]);
  f.silences.resize(30, f.silences[0]);
  const std::string html = render_daily(f);
  const auto rows = [&] {
    std::size_t n = 0;
    for (std::size_t at = 0; (at = html.find("<tr>", at)) != std::string::npos; ++at) ++n;
    return n;
  }();
  EXPECT_LE(rows, 45U);
  for (const char* text : {"tại <b>40</b> cơ quan", "và 28 cơ quan khác", "và 4 sự cố khác",
                           "và 22 lần mất tín hiệu khác"})
    EXPECT_NE(html.find(text), std::string::npos) << text;
}

TEST(DailyReport, NumbersAndTimesAreVietnamese) {
  EXPECT_EQ(vi_number(0), "0");
  EXPECT_EQ(vi_number(999), "999");
  EXPECT_EQ(vi_number(1000), "1.000");
  EXPECT_EQ(vi_number(12'345'678), "12.345.678");
  EXPECT_EQ(vi_time(at("2026-11-23T17:05:00Z")), "24/11/2026 00:05");
  EXPECT_EQ(escape_html("<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
}

using DailyStoreTest = StoreTest;

TEST_F(DailyStoreTest, ADayIsOneOfVietNamAndCountsWeights) {
  const Timestamp made = now();
  put(batch({alert(1, made, "203.0.113.1", "10.0.0.1", 41),
             alert(2, {made.micros - 86'400'000'000}, "203.0.113.1", "10.0.0.1", 1000)}));
  const auto today = daily_report(*store, everything(), "today", made);
  ASSERT_TRUE(today) << today.error().message();
  EXPECT_NE(today->find("<b>41</b> lượt"), std::string::npos) << *today;
  const auto yesterday =
      daily_report(*store, everything(), local_day({made.micros - 86'400'000'000}), made);
  ASSERT_TRUE(yesterday);
  EXPECT_NE(yesterday->find("<b>1.000</b> lượt"), std::string::npos);
  EXPECT_NE(today->find("chưa từng có tín hiệu"), std::string::npos);
  const Scope elsewhere = *store->scope_for(add_agency("Xã Hai"));
  EXPECT_NE(daily_report(*store, elsewhere, "today", made)->find("không ghi nhận cảnh báo nào"),
            std::string::npos);
}

TEST_F(DailyStoreTest, WrongDaysAreRefused) {
  for (const char* day : {"", "2026-02-31", "24/11/2026", "2026-13-01", "9999-01-01", "2026-1-1x"})
    EXPECT_EQ(daily_report(*store, everything(), day, now()).error().code,
              ErrorCode::invalid_argument)
        << day;
}

}  // namespace
}  // namespace chieng::server
