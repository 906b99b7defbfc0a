#include <map>
#include <set>

#include "server/store/ids.h"
#include "server/store/sqlite_store_impl.h"

namespace chieng::server {
namespace {

// An incident that did not move for a day is over; the source's next visit makes another one.
constexpr std::int64_t kOpenMicros = 86'400'000'000;

constexpr const char* kIncidents =
    "SELECT row, id, kind, entity, moved, first, last, worst FROM incidents";

struct IncidentRow {
  std::int64_t row = 0, moved = 0;
  Incident incident;
};

IncidentRow read_incident(const sql::Row& row, Timestamp now) {
  IncidentRow out{row.integer(0), row.integer(4), {}};
  Incident& i = out.incident;
  i.id = row.text(1);
  i.kind = row.text(2);
  i.entity_value = row.text(3);
  i.entity_zone = "internet";
  i.first.micros = row.integer(5);
  i.last.micros = row.integer(6);
  i.severity = static_cast<std::uint8_t>(row.integer(7));
  i.open = now - i.last <= kOpenMicros;
  return out;
}

// Members that the reader may see; how many agencies there are in all is said to everybody who sees
// one of them.
Status fill(sql::Connection& core, const Scope& scope, IncidentRow& from) {
  Incident& incident = from.incident;
  std::set<std::string> agencies;
  CHIENG_CHECK(core.run(
      "SELECT sightings.agency, agency_names.name, groups.id, sum(sightings.count) FROM sightings"
      " JOIN groups ON groups.row = sightings.grp LEFT JOIN agency_names ON agency_names.id = "
      "sightings.agency"
      " WHERE incident = ? GROUP BY sightings.agency, sightings.grp ORDER BY min(sightings.first)",
      {from.row}, [&](const sql::Row& row) {
        const bool first = agencies.insert(row.text(0)).second;
        const Uuid agency = uuid_of(row.bytes(0));
        if (!scope.contains(agency)) return;
        if (first) incident.agencies.push_back({agency, row.text(1)});
        incident.groups.push_back(row.text(2));
        incident.count += row.count(3);
      }));
  incident.agencies_total = static_cast<std::uint32_t>(agencies.size());
  return {};
}

void add_scope(Where& where, const Scope& scope) {
  if (scope.everything()) return;
  where.add(
      "EXISTS (SELECT 1 FROM sightings WHERE incident = incidents.row AND agency IN (SELECT value "
      "FROM json_each(?)))");
  where.value(scope_json(scope));
}

}  // namespace

Result<Page<Incident>> SqliteStore::incidents(const Scope& scope, std::optional<bool> open,
                                              const PageRequest& page) {
  CHIENG_TRY(const std::int64_t before, cursor_number(page));
  const Timestamp at = now();
  Where where;
  add_scope(where, scope);
  if (open) {
    where.add(*open ? "last >= ?" : "last < ?");
    where.value(at.micros - kOpenMicros);
  }
  CHIENG_TRY(const auto core, core_read_->lease());
  Page<Incident> out;
  CHIENG_CHECK(core->run("SELECT count(*) FROM incidents" + where.clause(), where.values(),
                         [&](const sql::Row& row) { out.total = row.count(0); }));
  where.add("moved < ?");
  where.value(before);
  const std::uint32_t limit = page_limit(page);
  where.value(std::int64_t{limit} + 1);
  std::vector<IncidentRow> rows;
  CHIENG_CHECK(core->run(kIncidents + where.clause() + " ORDER BY moved DESC LIMIT ?",
                         where.values(),
                         [&](const sql::Row& row) { rows.push_back(read_incident(row, at)); }));
  if (rows.size() > limit) {
    rows.pop_back();
    out.next_cursor = std::to_string(rows.back().moved);
  }
  for (IncidentRow& row : rows) {
    CHIENG_CHECK(fill(*core, scope, row));
    out.items.push_back(std::move(row.incident));
  }
  return out;
}

Result<Incident> SqliteStore::incident(const Scope& scope, std::string_view id) {
  Where where;
  where.add("id = ?");
  where.value(std::string(id));
  add_scope(where, scope);
  std::optional<IncidentRow> out;
  CHIENG_TRY(const auto core, core_read_->lease());
  CHIENG_CHECK(core->run(kIncidents + where.clause(), where.values(),
                         [&](const sql::Row& row) { out = read_incident(row, now()); }));
  if (!out) return fail(ErrorCode::not_found, "no incident " + std::string(id));
  CHIENG_CHECK(fill(*core, scope, *out));
  return std::move(out->incident);
}

Result<DayFigures> SqliteStore::day_figures(const Scope& scope, Timestamp from, Timestamp to) {
  DayFigures out;
  std::map<std::string, DayFigures::Line> lines;
  std::map<std::string, DayFigures::Rule> rules;
  std::map<std::string, std::set<std::string>> rule_agencies;
  CHIENG_TRY(const auto core, core_read_->lease());
  CHIENG_CHECK(core->run(
      "SELECT agency, agency_names.name, engine, source, gid, sid, rule_id, message, worst, "
      "sum(h.count) FROM group_hours h"
      " JOIN groups ON groups.row = h.grp LEFT JOIN agency_names ON agency_names.id = agency"
      " WHERE hour >= ? AND hour < ? GROUP BY h.grp",
      {hour_of(from), hour_of(to)}, [&](const sql::Row& row) {
        const Uuid agency = uuid_of(row.bytes(0));
        if (!scope.contains(agency)) return;
        const auto severity =
            static_cast<std::size_t>(std::clamp<std::int64_t>(row.integer(8), 1, 4));
        DayFigures::Line& line = lines[row.text(0)];
        line.agency = {agency, row.text(1)};
        ++line.groups, ++line.groups_by_severity[severity];
        line.count += row.count(9), line.count_by_severity[severity] += row.count(9);
        const std::string key = row.text(2) + '\n' + row.text(3) + '\n' + row.text(4) + ':' +
                                row.text(5) + '\n' + row.text(6);
        DayFigures::Rule& rule = rules[key];
        rule.rule.engine = row.text(2), rule.rule.source = row.text(3);
        rule.rule.gid = static_cast<std::uint32_t>(row.integer(4)), rule.rule.sid = row.count(5);
        rule.rule.rule_id = row.text(6), rule.rule.message = row.text(7);
        rule.rule.severity = std::min(rule.groups == 0 ? std::uint8_t{4} : rule.rule.severity,
                                      static_cast<std::uint8_t>(severity));
        ++rule.groups;
        rule.count += row.count(9);
        rule_agencies[key].insert(row.text(0));
        rule.agencies = static_cast<std::uint32_t>(rule_agencies[key].size());
      }));
  for (auto& [id, line] : lines) out.lines.push_back(std::move(line));
  for (auto& [key, rule] : rules) out.rules.push_back(std::move(rule));
  std::stable_sort(out.lines.begin(), out.lines.end(),
                   [](const auto& a, const auto& b) { return a.count > b.count; });
  std::stable_sort(out.rules.begin(), out.rules.end(),
                   [](const auto& a, const auto& b) { return a.count > b.count; });
  if (out.rules.size() > 20) out.rules.resize(20);

  std::vector<IncidentRow> rows;
  Where where;
  where.add("first < ? AND last >= ?");
  where.value(to.micros);
  where.value(from.micros);
  add_scope(where, scope);
  CHIENG_CHECK(core->run(kIncidents + where.clause() + " ORDER BY first LIMIT 200", where.values(),
                         [&](const sql::Row& row) { rows.push_back(read_incident(row, now())); }));
  for (IncidentRow& row : rows) {
    CHIENG_CHECK(fill(*core, scope, row));
    out.incidents.push_back(std::move(row.incident));
  }
  CHIENG_TRY(const auto intake, events_->intake(scope, from, to));
  out.events_received = intake.weight;
  out.events_lost = intake.lost;
  return out;
}

}  // namespace chieng::server
