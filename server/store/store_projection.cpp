// Groups, sightings and incidents: projections of the events, written with the position that they
// reflect.
#include <algorithm>

#include "server/store/group_state.h"
#include "server/store/ids.h"
#include "server/store/sqlite_store_impl.h"

namespace chieng::server {
namespace {

constexpr std::int64_t kJoinMicros = 3'600'000'000;  // two sightings this near belong together
constexpr std::int64_t kKeepSightings =
    25 * kJoinMicros;  // the last day, and an hour for what is late

std::int64_t number(std::uint64_t n) {
  return static_cast<std::int64_t>(n);
}

}  // namespace

Result<EventRef> SqliteStore::applied() {
  EventRef out;
  CHIENG_TRY(const auto core, core_read_->lease());
  CHIENG_CHECK(core->run("SELECT day, row FROM projections WHERE name = 'groups'", {},
                         [&](const sql::Row& row) {
                           out = {static_cast<std::int32_t>(row.integer(0)), row.integer(1)};
                         }));
  return out;
}

Result<ApplyOutcome> SqliteStore::apply(const ProjectionBatch& batch) {
  ApplyOutcome out;
  const Status written = write([&](sql::Connection& core) -> Status {
    EventRef at;
    CHIENG_CHECK(core.run("SELECT day, row FROM projections WHERE name = 'groups'", {},
                          [&](const sql::Row& row) {
                            at = {static_cast<std::int32_t>(row.integer(0)), row.integer(1)};
                          }));
    if (at != batch.from)
      return fail(ErrorCode::invalid_argument, "the projection has moved: it stands at row " +
                                                   std::to_string(at.row) + " of " +
                                                   day_text(at.day));
    for (const GroupHit& hit : batch.hits) CHIENG_CHECK(apply_hit(core, hit, out));
    if (!batch.hits.empty()) CHIENG_CHECK(prune_sightings(core, batch.hits.back().received));
    return core.run(
        "INSERT INTO projections VALUES('groups', ?, ?)"
        " ON CONFLICT DO UPDATE SET day = excluded.day, row = excluded.row",
        {std::int64_t{batch.to.day}, batch.to.row});
  });
  CHIENG_CHECK(written);
  for (auto* ids : {&out.groups, &out.incidents}) {
    std::sort(ids->begin(), ids->end());
    ids->erase(std::unique(ids->begin(), ids->end()), ids->end());
  }
  for (const std::string& id : out.groups) tell(ChangeKind::group, id);
  for (const std::string& id : out.incidents) tell(ChangeKind::incident, id);
  return out;
}

Status SqliteStore::apply_hit(sql::Connection& core, const GroupHit& hit, ApplyOutcome& outcome) {
  CHIENG_TRY(const std::int64_t group, upsert_group(core, hit));
  outcome.groups.push_back(hit.group_id);
  CHIENG_CHECK(
      core.run("INSERT INTO group_hours VALUES(?,?,?) ON CONFLICT DO UPDATE SET count = count + "
               "excluded.count",
               {group, hour_of(hit.placed), number(hit.count)}));
  CHIENG_CHECK(core.run("INSERT INTO group_agents VALUES(?,?) ON CONFLICT DO NOTHING",
                        {group, to_string(hit.agent)}));
  CHIENG_CHECK(core.run("INSERT INTO group_events VALUES(?,?,?) ON CONFLICT DO NOTHING",
                        {group, std::int64_t{hit.ref.day}, hit.ref.row}));
  CHIENG_CHECK(reopen_if_archived(core, hit));
  // Addresses of different offices that look alike are different hosts: only the Internet's
  // compare.
  if (hit.src.zone != "internet") return {};
  CHIENG_CHECK(sight(core, hit, group, hit.placed, hit.count, outcome));
  const bool long_stretch = hour_of(hit.first) != hour_of(hit.placed);
  return long_stretch ? sight(core, hit, group, hit.first, 0, outcome) : Status{};
}

Result<std::int64_t> SqliteStore::upsert_group(sql::Connection& core, const GroupHit& h) {
  CHIENG_CHECK(core.run(
      "INSERT INTO groups(id, agency, moved, engine, source, gid, sid, rule_id, rev, message, "
      "category, severity, src_ip,"
      " src_zone, dst_ip, dst_zone, host, user, worst, count, rows, first, last)"
      " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,1,?,?) ON CONFLICT(id) DO UPDATE SET moved "
      "= excluded.moved,"
      " message = CASE WHEN excluded.rev >= rev THEN excluded.message ELSE message END,"
      " category = CASE WHEN excluded.rev >= rev THEN excluded.category ELSE category END,"
      " severity = CASE WHEN excluded.rev >= rev THEN excluded.severity ELSE severity END,"
      " rev = max(rev, excluded.rev), worst = min(worst, excluded.worst), count = count + "
      "excluded.count,"
      " rows = rows + 1, first = min(first, excluded.first), last = max(last, excluded.last)",
      {h.group_id,
       to_string(h.agency),
       next_moved(),
       h.rule.engine,
       h.rule.source,
       std::int64_t{h.rule.gid},
       number(h.rule.sid),
       h.rule.rule_id,
       std::int64_t{h.rule.rev},
       h.rule.message,
       h.rule.category,
       std::int64_t{h.rule.severity},
       h.src.ip,
       h.src.zone,
       h.dst.ip,
       h.dst.zone,
       h.host,
       h.user,
       std::int64_t{h.rule.severity},
       number(h.count),
       h.first.micros,
       h.last.micros}));
  CHIENG_TRY(const auto row, core.integer("SELECT row FROM groups WHERE id = ?", {h.group_id}));
  if (!row) return fail(ErrorCode::internal, "a group vanished while it was written");
  return *row;
}

Status SqliteStore::reopen_if_archived(sql::Connection& core, const GroupHit& hit) {
  CHIENG_TRY(
      const auto archived,
      core.integer("SELECT 1 FROM groups WHERE id = ? AND status = 'archived'", {hit.group_id}));
  if (!archived) return {};
  CHIENG_TRY(const auto since,
             core.integer("SELECT max(at) FROM group_actions WHERE grp = ? AND action = 'archive'",
                          {hit.group_id}));
  GroupAction action;
  action.at = hit.received;
  action.user = {"system", "system"};
  action.kind = GroupActionKind::reopen;
  action.reason = hit.last.micros < since.value_or(0) ? "late_activity" : "new_activity";
  return add_group_action(core, hit.group_id, std::move(action));
}

Status SqliteStore::sight(sql::Connection& core, const GroupHit& hit, std::int64_t group,
                          Timestamp at, std::uint64_t count, ApplyOutcome& outcome) {
  CHIENG_CHECK(
      core.run("INSERT INTO sightings VALUES(?,?,?,?,?,?,?,?,NULL) ON CONFLICT DO UPDATE SET"
               " first = min(first, excluded.first), last = max(last, excluded.last),"
               " count = count + excluded.count, worst = min(worst, excluded.worst)",
               {hit.src.ip, hour_of(at), to_string(hit.agency), group, at.micros, at.micros,
                number(count), std::int64_t{hit.rule.severity}}));
  return correlate(core, hit, at, outcome);
}

Status SqliteStore::correlate(sql::Connection& core, const GroupHit& hit, Timestamp at,
                              ApplyOutcome& outcome) {
  // Hours know their first and last sighting. One that reaches around `at` has a sighting within
  // the hour, since it is not longer than that; for the others the nearer end decides. So the
  // window slides and is exact.
  constexpr const char* near = "entity = ? AND hour BETWEEN ? AND ? AND first <= ? AND last >= ?";
  const std::string_view entity = hit.src.ip;
  const std::int64_t hour = hour_of(at), low = at.micros - kJoinMicros,
                     high = at.micros + kJoinMicros;
  CHIENG_TRY(const auto agencies,
             core.integer(std::string("SELECT count(DISTINCT agency) FROM sightings WHERE ") + near,
                          {entity, hour - 1, hour + 1, high, low}));
  CHIENG_TRY(auto incident,
             core.integer("SELECT row FROM incidents WHERE entity = ? AND first <= ? AND last >= ?"
                          " ORDER BY row LIMIT 1",
                          {entity, high, low}));
  if (agencies.value_or(0) < 2 && !incident) return {};
  if (!incident) {
    CHIENG_CHECK(
        core.run("INSERT INTO incidents(id, kind, entity, moved, made, first, last, worst)"
                 " VALUES(?, 'same_source_many_agencies', ?, ?, ?, ?, ?, 4)",
                 {to_string(Uuid::random()), entity, next_moved(), hit.received.micros, at.micros,
                  at.micros}));
    CHIENG_TRY(incident, core.integer("SELECT last_insert_rowid()"));
  }
  CHIENG_CHECK(
      core.run(std::string("UPDATE sightings SET incident = ? WHERE incident IS NULL AND ") + near,
               {*incident, entity, hour - 1, hour + 1, high, low}));
  CHIENG_CHECK(core.run(
      "UPDATE incidents SET moved = ?1, first = s.first, last = s.last, worst = s.worst FROM"
      " (SELECT min(first) AS first, max(last) AS last, min(worst) AS worst FROM sightings WHERE "
      "incident = ?2) AS s"
      " WHERE row = ?2",
      {next_moved(), *incident}));
  return core.run("SELECT id FROM incidents WHERE row = ?", {*incident},
                  [&](const sql::Row& row) { outcome.incidents.push_back(row.text(0)); });
}

Status SqliteStore::prune_sightings(sql::Connection& core, Timestamp now) {
  CHIENG_CHECK(core.run("DELETE FROM sightings WHERE incident IS NULL AND last < ?",
                        {now.micros - kKeepSightings}));
  if (++applies_ % 64 != 1) return {};  // the bound may be passed by what 64 batches hold
  CHIENG_TRY(const auto kept,
             core.integer("SELECT count(*) FROM sightings WHERE incident IS NULL"));
  const std::int64_t over = kept.value_or(0) - number(options_.max_sightings);
  if (over <= 0) return {};
  CHIENG_CHECK(core.run(
      "DELETE FROM sightings WHERE (entity, hour, agency, grp) IN (SELECT entity, hour, agency, grp"
      " FROM sightings WHERE incident IS NULL ORDER BY last LIMIT ?)",
      {over}));
  return core.run(
      "INSERT INTO meta VALUES('sightings_evicted', ?) ON CONFLICT DO UPDATE SET"
      " value = CAST(value AS INTEGER) + CAST(excluded.value AS INTEGER)",
      {std::to_string(over)});
}

}  // namespace chieng::server
