#include "server/store/group_state.h"
#include "server/store/ids.h"
#include "server/store/sqlite_store_impl.h"

namespace chieng::server {
namespace {

constexpr const char* kGroups =
    "SELECT row, groups.id, agency, agency_names.name, moved, engine, source, gid, sid, rule_id, "
    "rev, message, category,"
    " severity, src_ip, src_zone, dst_ip, dst_zone, host, user, worst, count, rows, first, last, "
    "status, version,"
    " escalated, disposition, reason, last_action, reopened_why, reopened_at FROM groups"
    " LEFT JOIN agency_names ON agency_names.id = groups.agency";

struct GroupRow {
  std::int64_t row = 0, moved = 0;
  Group group;
};

RuleFacts read_rule(const sql::Row& row, int at) {
  RuleFacts out;
  out.engine = row.text(at);
  out.source = row.text(at + 1);
  out.gid = static_cast<std::uint32_t>(row.integer(at + 2));
  out.sid = row.count(at + 3);
  out.rule_id = row.text(at + 4);
  out.rev = static_cast<std::uint32_t>(row.integer(at + 5));
  out.message = row.text(at + 6);
  out.category = row.text(at + 7);
  out.severity = static_cast<std::uint8_t>(row.integer(at + 8));
  return out;
}

GroupRow read_group(const sql::Row& row) {
  GroupRow out{row.integer(0), row.integer(4), {}};
  Group& g = out.group;
  g.id = row.text(1);
  g.agency = {uuid_of(row.bytes(2)), row.text(3)};
  g.rule = read_rule(row, 5);
  g.src = {row.text(14), row.text(15)};
  g.dst = {row.text(16), row.text(17)};
  g.host = row.text(18);
  g.user = row.text(19);
  g.severity = static_cast<std::uint8_t>(row.integer(20));
  g.count = row.count(21);
  g.rows = row.count(22);
  g.first.micros = row.integer(23);
  g.last.micros = row.integer(24);
  g.status = parse_group_status(row.bytes(25)).value_or(GroupStatus::open);
  g.version = row.count(26);
  g.escalated = row.integer(27) != 0;
  g.disposition = row.text(28);
  g.reason = row.text(29);
  if (!row.null(30)) g.last_action = row.text(30);
  g.reopened_why = row.text(31);
  g.reopened_at.micros = row.integer(32);
  return out;
}

// What lies in tables of its own.
Status fill(sql::Connection& core, GroupRow& from, Timestamp now) {
  Group& group = from.group;
  const std::int64_t oldest = hour_of(now) - 23;
  CHIENG_CHECK(
      core.run("SELECT hour, count FROM group_hours WHERE grp = ? AND hour BETWEEN ? AND ?",
               {from.row, oldest, oldest + 23}, [&](const sql::Row& row) {
                 group.sparkline[static_cast<std::size_t>(row.integer(0) - oldest)] = row.count(1);
               }));
  CHIENG_CHECK(
      core.run("SELECT agent FROM group_agents WHERE grp = ?", {from.row},
               [&](const sql::Row& row) { group.agents.push_back(uuid_of(row.bytes(0))); }));
  if (group.src.zone != "internet") return {};
  CHIENG_TRY(
      const auto seen,
      core.integer("SELECT count(DISTINCT agency) FROM sightings WHERE entity = ? AND last >= ?",
                   {group.src.ip, now.micros - 86'400'000'000}));
  group.src_agencies = static_cast<std::uint32_t>(seen.value_or(0));
  return {};
}

Result<GroupRow> find_group(sql::Connection& core, const Scope& scope, std::string_view id) {
  Where where;
  where.add("groups.id = ?");
  where.value(std::string(id));
  where.scope(scope, "agency");
  std::optional<GroupRow> out;
  CHIENG_CHECK(core.run(kGroups + where.clause(), where.values(),
                        [&](const sql::Row& row) { out = read_group(row); }));
  if (!out) return fail(ErrorCode::not_found, "no group " + std::string(id));
  return std::move(*out);
}

// The text is looked for as it is, in small letters: instr() knows no patterns.
void add_search(Where& where, const std::string& q) {
  if (q.empty()) return;
  where.add(
      "instr(lower(message || ' ' || rule_id || ' ' || sid || ' ' || src_ip || ' ' || dst_ip || ' "
      "' || host"
      " || ' ' || user), lower(?)) > 0");
  where.value(q);
}

Status check_request(const GroupActionRequest& request) {
  const std::string& d = request.disposition;
  const bool wants_reason = d == "expected_activity" || d == "false_positive" || d == "duplicate";
  if (!d.empty() && !wants_reason && d != "true_positive")
    return fail(ErrorCode::invalid_argument, "disposition '" + d +
                                                 "' is not one of true_positive, expected_activity,"
                                                 " false_positive, duplicate");
  if (wants_reason && request.reason.empty())
    return fail(ErrorCode::invalid_argument, "disposition '" + d + "' needs a reason");
  if (request.kind == GroupActionKind::comment && request.note.empty())
    return fail(ErrorCode::invalid_argument, "a comment needs a note");
  for (const std::string* text : {&request.reason, &request.note})
    if (text->size() > 4000)
      return fail(ErrorCode::invalid_argument,
                  "a text of " + std::to_string(text->size()) + " bytes; at most 4000");
  return {};
}

// The action that an undo takes back: the named one, or the newest that changed something.
Result<std::string> undo_target(const std::vector<GroupAction>& actions, const std::string& named) {
  for (auto at = actions.rbegin(); at != actions.rend(); ++at) {
    const bool changes = at->kind != GroupActionKind::comment && at->kind != GroupActionKind::undo;
    if (named.empty() ? changes && at->undone_by.empty() : at->id == named) {
      if (!changes)
        return fail(ErrorCode::invalid_argument, "comments and undoings cannot be undone");
      if (!at->undone_by.empty())
        return fail(ErrorCode::invalid_argument, "the action is undone already");
      return at->id;
    }
  }
  return fail(ErrorCode::invalid_argument, "there is no action to undo");
}

}  // namespace

Result<Page<Group>> SqliteStore::groups(const Scope& scope, const GroupFilter& filter,
                                        const PageRequest& page) {
  CHIENG_TRY(const std::int64_t before, cursor_number(page));
  CHIENG_TRY(const auto core, core_read_->lease());
  Where where;
  where.scope(scope, "agency");
  if (filter.status) {
    where.add("status = ?");
    where.value(std::string(to_string(*filter.status)));
  }
  if (filter.agency) {
    CHIENG_TRY(auto below, subtree(*core, *filter.agency));
    where.scope(Scope(false, std::move(below)), "agency");
  }
  if (filter.severity) {
    where.add("worst = ?");
    where.value(std::int64_t{*filter.severity});
  }
  add_search(where, filter.q);

  Page<Group> out;
  CHIENG_CHECK(core->run("SELECT count(*) FROM groups" + where.clause(), where.values(),
                         [&](const sql::Row& row) { out.total = row.count(0); }));
  where.add("moved < ?");
  where.value(before);
  const std::uint32_t limit = page_limit(page);
  where.value(std::int64_t{limit} + 1);
  std::vector<GroupRow> rows;
  CHIENG_CHECK(core->run(kGroups + where.clause() + " ORDER BY moved DESC LIMIT ?", where.values(),
                         [&](const sql::Row& row) { rows.push_back(read_group(row)); }));
  if (rows.size() > limit) {
    rows.pop_back();
    out.next_cursor = std::to_string(rows.back().moved);
  }
  const Timestamp at = now();
  for (GroupRow& row : rows) {
    CHIENG_CHECK(fill(*core, row, at));
    out.items.push_back(std::move(row.group));
  }
  return out;
}

Result<Group> SqliteStore::group(const Scope& scope, std::string_view id) {
  CHIENG_TRY(const auto core, core_read_->lease());
  CHIENG_TRY(auto found, find_group(*core, scope, id));
  CHIENG_CHECK(fill(*core, found, now()));
  return std::move(found.group);
}

Result<Page<StoredEvent>> SqliteStore::group_events(const Scope& scope, std::string_view id,
                                                    const PageRequest& page) {
  EventRef before{INT32_MAX, INT64_MAX};
  if (!page.cursor.empty()) {
    const auto dot = page.cursor.find('.');
    CHIENG_TRY(const std::int64_t day, cursor_number({1, page.cursor.substr(0, dot)}));
    CHIENG_TRY(const std::int64_t row,
               cursor_number({1, dot == std::string::npos ? "x" : page.cursor.substr(dot + 1)}));
    before = {static_cast<std::int32_t>(day), row};
  }
  Page<StoredEvent> out;
  std::vector<EventRef> refs;
  const std::uint32_t limit = page_limit(page);
  {
    CHIENG_TRY(const auto core, core_read_->lease());
    CHIENG_TRY(const GroupRow group, find_group(*core, scope, id));
    CHIENG_TRY(const auto total,
               core->integer("SELECT count(*) FROM group_events WHERE grp = ?", {group.row}));
    out.total = static_cast<std::uint64_t>(total.value_or(0));
    CHIENG_CHECK(
        core->run("SELECT day, row FROM group_events WHERE grp = ? AND (day, row) < (?, ?)"
                  " ORDER BY day DESC, row DESC LIMIT ?",
                  {group.row, std::int64_t{before.day}, before.row, std::int64_t{limit} + 1},
                  [&](const sql::Row& row) {
                    refs.push_back({static_cast<std::int32_t>(row.integer(0)), row.integer(1)});
                  }));
  }
  if (refs.size() > limit) {
    refs.pop_back();
    out.next_cursor = std::to_string(refs.back().day) + "." + std::to_string(refs.back().row);
  }
  for (const EventRef ref : refs) {
    auto event = events_->by_ref(scope, ref);
    if (event)
      out.items.push_back(std::move(*event));
    else if (event.error().code != ErrorCode::not_found)
      return std::unexpected(std::move(event).error());
  }
  CHIENG_CHECK(name_events(out.items));
  return out;
}

Result<std::vector<GroupAction>> SqliteStore::group_actions(const Scope& scope,
                                                            std::string_view id) {
  CHIENG_TRY(const auto core, core_read_->lease());
  CHIENG_TRY(const GroupRow found, find_group(*core, scope, id));
  return read_group_actions(*core, found.group.id);
}

Result<GroupActionOutcome> SqliteStore::act(const Scope& scope, const Actor& actor,
                                            std::string_view id,
                                            const GroupActionRequest& request) {
  CHIENG_CHECK(check_request(request));
  GroupActionOutcome out;
  const Status written = write([&](sql::Connection& core) -> Status {
    CHIENG_TRY(const GroupRow found, find_group(core, scope, id));
    CHIENG_TRY(const auto before, read_group_actions(core, id));
    // A comment takes nothing away from anybody, so it needs no agreement on the version.
    if (request.kind != GroupActionKind::comment && request.version != found.group.version) {
      out.conflict = true;
      if (!before.empty()) out.action = before.back();
      return {};
    }
    GroupAction action;
    action.id = to_string(Uuid::random());
    action.at = now();
    action.user = actor;
    action.kind = request.kind;
    action.disposition = request.disposition;
    action.reason = request.reason;
    action.note = request.note;
    if (request.kind == GroupActionKind::undo) {
      CHIENG_TRY(action.undoes, undo_target(before, request.undo_of));
    }
    CHIENG_CHECK(add_group_action(core, id, action));
    CHIENG_CHECK(core.run("UPDATE groups SET moved = ? WHERE id = ?", {next_moved(), id}));
    out.action = action;
    return write_audit(core, audit_entry(actor, "group." + std::string(to_string(request.kind)), id,
                                         R"({"action":")" + action.id + "\"}"));
  });
  CHIENG_CHECK(written);
  CHIENG_TRY(out.group, group(scope, id));
  if (!out.conflict) tell(ChangeKind::group, std::string(id));
  return out;
}

}  // namespace chieng::server
