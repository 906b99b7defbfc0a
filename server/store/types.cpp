#include "server/store/types.h"

#include <string_view>

namespace chieng::server {
namespace {

template <class Enum, std::size_t N>
std::optional<Enum> parse(const std::array<Enum, N>& all, std::string_view text) {
  for (const Enum e : all)
    if (to_string(e) == text) return e;
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Role role) {
  switch (role) {
    case Role::viewer:
      return "viewer";
    case Role::analyst:
      return "analyst";
    case Role::admin:
      return "admin";
  }
  return "viewer";
}
std::optional<Role> parse_role(std::string_view text) {
  return parse(std::array{Role::viewer, Role::analyst, Role::admin}, text);
}

std::string_view to_string(AgentStatus status) {
  switch (status) {
    case AgentStatus::alive:
      return "alive";
    case AgentStatus::silent:
      return "silent";
    case AgentStatus::never:
      return "never";
    case AgentStatus::revoked:
      return "revoked";
  }
  return "never";
}

std::string_view to_string(GroupStatus status) {
  switch (status) {
    case GroupStatus::open:
      return "open";
    case GroupStatus::escalated:
      return "escalated";
    case GroupStatus::archived:
      return "archived";
  }
  return "open";
}
std::optional<GroupStatus> parse_group_status(std::string_view text) {
  return parse(std::array{GroupStatus::open, GroupStatus::escalated, GroupStatus::archived}, text);
}

std::string_view to_string(GroupActionKind kind) {
  switch (kind) {
    case GroupActionKind::archive:
      return "archive";
    case GroupActionKind::escalate:
      return "escalate";
    case GroupActionKind::reopen:
      return "reopen";
    case GroupActionKind::comment:
      return "comment";
    case GroupActionKind::undo:
      return "undo";
  }
  return "comment";
}
std::optional<GroupActionKind> parse_group_action(std::string_view text) {
  return parse(std::array{GroupActionKind::archive, GroupActionKind::escalate,
                          GroupActionKind::reopen, GroupActionKind::comment, GroupActionKind::undo},
               text);
}

}  // namespace chieng::server
