// The state of a group is a projection of its actions: what holds is what the actions that nobody
// undid leave behind.
#pragma once

#include <span>

#include "server/store/sqlite.h"
#include "server/store/types.h"

namespace chieng::server {

struct GroupState {
  GroupStatus status = GroupStatus::open;
  bool escalated = false;
  std::string disposition, reason, last_action;
  std::string reopened_why;
  Timestamp reopened_at;
};

// actions in order, with undone_by set.
[[nodiscard]] GroupState fold(std::span<const GroupAction> actions);
[[nodiscard]] Result<std::vector<GroupAction>> read_group_actions(sql::Connection& core,
                                                                  std::string_view group);
// Appends the action (its id is made here where it has none) and writes the state that follows into
// the group's row.
[[nodiscard]] Status add_group_action(sql::Connection& core, std::string_view group,
                                      GroupAction action);

}  // namespace chieng::server
