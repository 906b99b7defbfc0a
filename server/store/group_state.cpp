#include "server/store/group_state.h"

namespace chieng::server {

GroupState fold(std::span<const GroupAction> actions) {
  GroupState out;
  for (const GroupAction& action : actions) {
    out.last_action = action.id;
    if (!action.undone_by.empty()) continue;
    switch (action.kind) {
      case GroupActionKind::archive:
        out.status = GroupStatus::archived;
        out.disposition = action.disposition;
        out.reason = action.reason;
        break;
      case GroupActionKind::escalate:
        out.status = GroupStatus::escalated;
        out.escalated = true;
        break;
      case GroupActionKind::reopen:
        // what was escalated before it was archived is still in somebody else's hands
        out.status = out.escalated && action.user.id == "system" ? GroupStatus::escalated
                                                                 : GroupStatus::open;
        out.escalated = out.status == GroupStatus::escalated;
        out.disposition.clear();
        out.reason.clear();
        out.reopened_why = action.user.id == "system" ? action.reason : "user";
        out.reopened_at = action.at;
        break;
      case GroupActionKind::comment:
      case GroupActionKind::undo:
        break;
    }
  }
  return out;
}

Result<std::vector<GroupAction>> read_group_actions(sql::Connection& core, std::string_view group) {
  std::vector<GroupAction> out;
  CHIENG_CHECK(core.run(
      "SELECT id, at, user, user_name, action, disposition, reason, note, undoes FROM group_actions"
      " WHERE grp = ? ORDER BY sequence",
      {group}, [&](const sql::Row& row) {
        GroupAction a;
        a.id = row.text(0);
        a.at.micros = row.integer(1);
        a.user = {row.text(2), row.text(3)};
        a.kind = parse_group_action(row.bytes(4)).value_or(GroupActionKind::comment);
        a.disposition = row.text(5);
        a.reason = row.text(6);
        a.note = row.text(7);
        a.undoes = row.text(8);
        out.push_back(std::move(a));
      }));
  for (const GroupAction& action : out)
    for (GroupAction& other : out)
      if (!action.undoes.empty() && other.id == action.undoes) other.undone_by = action.id;
  return out;
}

Status add_group_action(sql::Connection& core, std::string_view group, GroupAction action) {
  if (action.id.empty()) action.id = to_string(Uuid::random());
  CHIENG_CHECK(core.run(
      "INSERT INTO group_actions(id, grp, at, user, user_name, action, disposition, reason, note, "
      "undoes)"
      " VALUES(?,?,?,?,?,?,?,?,?,?)",
      {action.id, group, action.at.micros, action.user.id, action.user.name, to_string(action.kind),
       action.disposition, action.reason, action.note, action.undoes}));
  CHIENG_TRY(const auto actions, read_group_actions(core, group));
  const GroupState state = fold(actions);
  return core.run(
      "UPDATE groups SET version = ?, status = ?, escalated = ?, disposition = ?, reason = ?, "
      "last_action = ?,"
      " reopened_why = ?, reopened_at = ? WHERE id = ?",
      {static_cast<std::int64_t>(actions.size()), to_string(state.status),
       std::int64_t{state.escalated}, state.disposition, state.reason, state.last_action,
       state.reopened_why, state.reopened_at.micros, group});
}

}  // namespace chieng::server
