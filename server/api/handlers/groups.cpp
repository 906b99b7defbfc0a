#include <charconv>

#include "server/api/handlers/handlers.h"
#include "server/api/problem.h"
#include "server/api/render.h"

namespace chieng::server {
namespace {

constexpr std::size_t kLongestNote = 4000;
constexpr std::size_t kLongestId = 64;

Status read_severity(std::string_view text, GroupFilter& filter) {
  if (text.empty()) return {};
  if (text.size() != 1 || text[0] < '1' || text[0] > '4')
    return fail(ErrorCode::invalid_argument, "'severity' must be 1, 2, 3 or 4");
  filter.severity = static_cast<std::uint8_t>(text[0] - '0');
  return {};
}

Result<GroupFilter> read_filter(const Call& call) {
  GroupFilter filter;
  const auto status = call.query("status");
  if (status.empty())
    filter.status = GroupStatus::open;
  else if (status != "all")
    filter.status = parse_group_status(status);
  if (!status.empty() && status != "all" && !filter.status)
    return fail(ErrorCode::invalid_argument, "'status' must be open, escalated, archived or all");
  filter.q = std::string(call.query("q"));
  if (filter.q.size() > 200) return fail(ErrorCode::invalid_argument, "'q' is over 200 bytes");
  if (const auto agency = call.query("agency"); !agency.empty()) {
    filter.agency = parse_uuid(agency);
    if (!filter.agency) return fail(ErrorCode::invalid_argument, "'agency' is not an agency's id");
  }
  CHIENG_CHECK(read_severity(call.query("severity"), filter));
  return filter;
}

Result<HttpResponse> list_groups(Store& store, Call& call) {
  CHIENG_TRY(const auto filter, read_filter(call));
  CHIENG_TRY(const auto page, call.page());
  CHIENG_TRY(const auto groups, store.groups(call.who.scope, filter, page));
  return json_answer(rendered_page(groups));
}

Result<HttpResponse> one_group(Store& store, Call& call) {
  CHIENG_TRY(const auto group, store.group(call.who.scope, call.ids[0]));
  auto response = json_answer(rendered(group));
  response.set("ETag",
               std::to_string(group.version) + ".");  // the router adds a digest: counts move too
  return response;
}

Result<HttpResponse> list_events(Store& store, Call& call) {
  CHIENG_TRY(const auto page, call.page());
  CHIENG_TRY(const auto events, store.group_events(call.who.scope, call.ids[0], page));
  return json_answer(rendered_page(events));
}

Result<HttpResponse> list_actions(Store& store, Call& call) {
  CHIENG_TRY(const auto actions, store.group_actions(call.who.scope, call.ids[0]));
  return json_answer(rendered_page(actions, {}, actions.size()));
}

Status check_disposition(const GroupActionRequest& wanted) {
  const auto& d = wanted.disposition;
  const bool known =
      d == "true_positive" || d == "expected_activity" || d == "false_positive" || d == "duplicate";
  if (!d.empty() && !known)
    return fail(
        ErrorCode::invalid_argument,
        "'disposition' must be true_positive, expected_activity, false_positive or duplicate");
  if (known && d != "true_positive" && wanted.reason.empty())
    return fail(ErrorCode::invalid_argument, "'reason' is missing: this disposition wants one");
  if (wanted.kind == GroupActionKind::comment && wanted.note.empty())
    return fail(ErrorCode::invalid_argument,
                "'note' is missing: a comment without text says nothing");
  return {};
}

Result<GroupActionRequest> read_action(const JsonBody& body) {
  CHIENG_CHECK(body.only({"action", "disposition", "reason", "note", "version", "undo_of"}));
  GroupActionRequest wanted;
  CHIENG_TRY(const auto name, body.needed_text("action", 32));
  const auto kind = parse_group_action(name);
  if (!kind)
    return fail(ErrorCode::invalid_argument,
                "'action' must be archive, escalate, reopen, comment or undo");
  wanted.kind = *kind;
  CHIENG_TRY(const auto version, body.number("version"));
  if (!version)
    return fail(ErrorCode::invalid_argument, "'version' is missing: the group's, as you saw it");
  wanted.version = *version;
  CHIENG_TRY(auto disposition, body.text("disposition", 32));
  CHIENG_TRY(auto reason, body.text("reason", kLongestNote));
  CHIENG_TRY(auto note, body.text("note", kLongestNote));
  CHIENG_TRY(auto undo_of, body.text("undo_of", kLongestId));
  wanted.disposition = std::move(disposition).value_or("");
  wanted.reason = std::move(reason).value_or("");
  wanted.note = std::move(note).value_or("");
  wanted.undo_of = std::move(undo_of).value_or("");
  CHIENG_CHECK(check_disposition(wanted));
  return wanted;
}

HttpResponse conflict_answer(const GroupActionOutcome& outcome) {
  std::string params;
  JsonWriter json(params);
  json.begin_object().key("action");
  if (outcome.action)
    render(json, *outcome.action);
  else
    json.null();
  json.field("version", outcome.group.version).key("group");
  render(json, outcome.group);
  json.end_object();
  return problem(409, code::conflict, "somebody else changed this group since you saw it", params);
}

Result<HttpResponse> act(Store& store, Call& call) {
  CHIENG_TRY(const auto wanted, read_action(call.body));
  CHIENG_TRY(const auto outcome, store.act(call.who.scope, call.who.actor, call.ids[0], wanted));
  if (outcome.conflict) return conflict_answer(outcome);
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("action");
  if (outcome.action)
    render(json, *outcome.action);
  else
    json.null();
  json.key("group");
  render(json, outcome.group);
  json.end_object();
  return json_answer(std::move(body), 201);
}

std::vector<QueryParam> filters() {
  return paging({
      {"status",
       R"({"type":"string","enum":["open","escalated","archived","all"],"default":"open"})",
       "status"},
      {"q", R"({"type":"string","maxLength":200})",
       "text in message, rule id, addresses, host, user"},
      {"agency", R"({"type":"string"})", "an agency's id; those under it are included"},
      {"severity", R"({"type":"integer","minimum":1,"maximum":4})", "severity"},
  });
}

}  // namespace

std::vector<Route> group_routes(const ApiParts& parts) {
  const auto viewer = Access::least(Role::viewer);
  auto& store = parts.store;
  return {
      {.method = Method::get,
       .path = "/groups",
       .access = viewer,
       .summary = "Alert groups, newest movement first",
       .handler = [&store](Call& call) { return list_groups(store, call); },
       .query = filters(),
       .answer_schema = "GroupPage"},
      {.method = Method::get,
       .path = "/groups/{id}",
       .access = viewer,
       .summary = "One alert group",
       .handler = [&store](Call& call) { return one_group(store, call); },
       .answer_schema = "Group"},
      {.method = Method::get,
       .path = "/groups/{id}/events",
       .access = viewer,
       .summary = "The events of a group, newest first",
       .handler = [&store](Call& call) { return list_events(store, call); },
       .query = paging(),
       .answer_schema = "EventPage"},
      {.method = Method::get,
       .path = "/groups/{id}/actions",
       .access = viewer,
       .summary = "What people did with a group, oldest first",
       .handler = [&store](Call& call) { return list_actions(store, call); },
       .answer_schema = "ActionPage"},
      {.method = Method::post,
       .path = "/groups/{id}/actions",
       .access = Access::least(Role::analyst),
       .summary = "Archive, escalate, reopen, comment or undo; 409 where version is not current",
       .handler = [&store](Call& call) { return act(store, call); },
       .body_schema = "ActionRequest",
       .answer_schema = "ActionOutcome"},
  };
}

}  // namespace chieng::server
