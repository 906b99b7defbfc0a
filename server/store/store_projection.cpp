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
    CHIENG_CHECK(apply_hits(core, batch.hits, out));
    return core.run(
        "INSERT INTO projections VALUES('groups', ?, ?)"
        " ON CONFLICT DO UPDATE SET day = excluded.day, row = excluded.row",
        {std::int64_t{batch.to.day}, batch.to.row});
  });
  CHIENG_CHECK(written);
  std::sort(out.incidents.begin(), out.incidents.end());
  out.incidents.erase(std::unique(out.incidents.begin(), out.incidents.end()), out.incidents.end());
  tell(ChangeKind::group, out.groups);
  tell(ChangeKind::incident, out.incidents);
  return out;
}

Status SqliteStore::apply_hits(sql::Connection& core, std::span<const GroupHit> hits,
                               ApplyOutcome& outcome) {
  if (hits.empty()) return {};
  MergedHits merged = merge_hits(hits);
  for (MergedGroup& group : merged.groups) {
    CHIENG_CHECK(upsert_group(core, group));
    outcome.groups.push_back(group.face->group_id);
  }
  for (const MergedSighting& sighting : merged.sightings) {
    for (const auto& [place, part] : sighting.parts) {
      const MergedGroup& group = merged.groups[place];
      CHIENG_CHECK(core.run(
          "INSERT INTO sightings VALUES(?,?,?,?,?,?,?,?,NULL) ON CONFLICT DO UPDATE SET"
          " first = min(first, excluded.first), last = max(last, excluded.last),"
          " count = count + excluded.count, worst = min(worst, excluded.worst)",
          {sighting.entity, sighting.hour, to_string(group.face->agency), group.row,
           part.first.micros, part.last.micros, number(part.count), std::int64_t{part.worst}}));
    }
    CHIENG_CHECK(correlate(core, sighting, outcome));
  }
  return prune_sightings(core, hits.back().received);
}

Status SqliteStore::upsert_group(sql::Connection& core, MergedGroup& g) {
  const GroupHit& h = *g.face;
  bool archived = false;
  CHIENG_CHECK(core.run(
      "INSERT INTO groups(id, agency, moved, engine, source, gid, sid, rule_id, rev, message, "
      "category, severity, src_ip, src_zone, dst_ip, dst_zone, host, user, worst, count, rows, "
      "first, last) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
      " ON CONFLICT(id) DO UPDATE SET moved = excluded.moved,"
      " message = CASE WHEN excluded.rev >= rev THEN excluded.message ELSE message END,"
      " category = CASE WHEN excluded.rev >= rev THEN excluded.category ELSE category END,"
      " severity = CASE WHEN excluded.rev >= rev THEN excluded.severity ELSE severity END,"
      " rev = max(rev, excluded.rev), worst = min(worst, excluded.worst),"
      " count = count + excluded.count, rows = rows + excluded.rows,"
      " first = min(first, excluded.first), last = max(last, excluded.last)"
      " RETURNING row, status = 'archived'",
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
       std::int64_t{g.worst},
       number(g.count),
       number(g.rows),
       g.first.micros,
       g.last.micros},
      [&](const sql::Row& row) {
        g.row = row.integer(0);
        archived = row.integer(1) != 0;
      }));
  for (const auto& [hour, count] : g.hours)
    CHIENG_CHECK(
        core.run("INSERT INTO group_hours VALUES(?,?,?)"
                 " ON CONFLICT DO UPDATE SET count = count + excluded.count",
                 {g.row, hour, number(count)}));
  for (const Uuid& agent : g.agents)
    CHIENG_CHECK(core.run("INSERT INTO group_agents VALUES(?,?) ON CONFLICT DO NOTHING",
                          {g.row, to_string(agent)}));
  for (const EventRef& event : g.events)
    CHIENG_CHECK(core.run("INSERT INTO group_events VALUES(?,?,?) ON CONFLICT DO NOTHING",
                          {g.row, std::int64_t{event.day}, event.row}));
  return archived ? reopen(core, g) : Status{};
}

Status SqliteStore::reopen(sql::Connection& core, const MergedGroup& g) {
  CHIENG_TRY(const auto since,
             core.integer("SELECT max(at) FROM group_actions WHERE grp = ? AND action = 'archive'",
                          {g.face->group_id}));
  GroupAction action;
  action.at = g.opener->received;
  action.user = {"system", "system"};
  action.kind = GroupActionKind::reopen;
  action.reason = g.last.micros < since.value_or(0) ? "late_activity" : "new_activity";
  return add_group_action(core, g.face->group_id, std::move(action));
}

Status SqliteStore::correlate(sql::Connection& core, const MergedSighting& s,
                              ApplyOutcome& outcome) {
  // Hours know their first and last sighting. A row that reaches around a moment has a sighting
  // within the hour of it, since it is not longer than that; for the others the nearer end decides.
  // So the window slides and is exact, also around all sightings of one hour together.
  constexpr const char* near =
      "entity = ?1 AND hour BETWEEN ?2 - 1 AND ?2 + 1 AND first <= ?3 AND last >= ?4";
  const std::int64_t low = s.first.micros - kJoinMicros, high = s.last.micros + kJoinMicros;
  CHIENG_TRY(auto incident, core.integer("SELECT row FROM incidents WHERE entity = ? AND first <= ?"
                                         " AND last >= ? ORDER BY row LIMIT 1",
                                         {s.entity, high, low}));
  if (!incident) {
    CHIENG_TRY(const bool several, many_agencies(core, s, low, high));
    if (!several) return {};
    CHIENG_TRY(
        incident,
        core.integer("INSERT INTO incidents(id, kind, entity, moved, made, first, last, worst)"
                     " VALUES(?, 'same_source_many_agencies', ?, ?, ?, ?, ?, 4) RETURNING row",
                     {to_string(Uuid::random()), s.entity, next_moved(), s.received.micros,
                      s.first.micros, s.last.micros}));
  }
  CHIENG_CHECK(
      core.run(std::string("UPDATE sightings SET incident = ?5 WHERE incident IS NULL AND ") + near,
               {s.entity, s.hour, high, low, *incident}));
  // What lies further away is part of the incident's ends already.
  return core.run(
      std::string("UPDATE incidents SET moved = ?6, first = min(incidents.first, s.first),"
                  " last = max(incidents.last, s.last), worst = min(incidents.worst, s.worst) FROM"
                  " (SELECT coalesce(min(first), ?3) AS first, coalesce(max(last), ?4) AS last,"
                  " coalesce(min(worst), 4) AS worst FROM sightings WHERE incident = ?5 AND ") +
          near + ") AS s WHERE incidents.row = ?5 RETURNING id",
      {s.entity, s.hour, high, low, *incident, next_moved()},
      [&](const sql::Row& row) { outcome.incidents.push_back(row.text(0)); });
}

// Two agencies in one hour are near each other. For a single one each side of it in the index is
// asked, so that the many rows of a source that it alone sees are not read.
Result<bool> SqliteStore::many_agencies(sql::Connection& core, const MergedSighting& s,
                                        std::int64_t low, std::int64_t high) {
  if (s.agencies.size() > 1) return true;
  constexpr const char* other =
      "EXISTS (SELECT 1 FROM sightings WHERE entity = ?1 AND hour IN (?2 - 1, ?2, ?2 + 1)"
      " AND first <= ?3 AND last >= ?4 AND agency ";
  CHIENG_TRY(const auto found,
             core.integer(std::string("SELECT ") + other + "< ?5) OR " + other + "> ?5)",
                          {s.entity, s.hour, high, low, to_string(*s.agencies.begin())}));
  return found.value_or(0) != 0;
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
