#include "server/commands/admin.h"

#include <array>
#include <nlohmann/json.hpp>

#include "server/auth/accounts.h"
#include "server/report/daily.h"
#include "server/store/system_access.h"
#include "transport/enroll/token.h"

namespace chieng::server {
namespace {

using Json = nlohmann::json;

Scope everything() {
  return Scope::all(system_access());
}

std::string text(const Json& request, const char* name) {
  return request.contains(name) && request[name].is_string() ? request[name].get<std::string>()
                                                             : std::string();
}

Result<std::optional<Uuid>> agency(const Json& request, const char* name) {
  const std::string given = text(request, name);
  if (given.empty()) return std::nullopt;
  const auto id = parse_uuid(given);
  if (!id)
    return fail(ErrorCode::invalid_argument,
                "'" + given + "' is not an agency id (32 hex digits); see 'agency list'");
  return id;
}

Result<Role> role(const Json& request) {
  const auto found = parse_role(text(request, "role"));
  if (!found)
    return fail(ErrorCode::invalid_argument,
                "role '" + text(request, "role") + "' is not viewer, analyst or admin");
  return *found;
}

Actor actor(const Json& request) {
  return {"local", "local:" + text(request, "who")};
}

Result<Json> agency_add(const AdminContext& c, const Json& request) {
  Agency agency_given;
  agency_given.name = text(request, "name");
  agency_given.code = text(request, "code");
  agency_given.level = text(request, "level");
  CHIENG_TRY(agency_given.parent, agency(request, "parent"));
  CHIENG_TRY(const Uuid id, c.store.add_agency(everything(), actor(request), agency_given));
  return Json{{"id", to_string(id)}};
}

Result<Json> agency_list(const AdminContext& c, const Json&) {
  CHIENG_TRY(const auto agencies, c.store.agencies(everything(), now()));
  Json out = Json::array();
  for (const Agency& a : agencies)
    out.push_back({{"id", to_string(a.id)},
                   {"name", a.name},
                   {"code", a.code},
                   {"level", a.level},
                   {"parent", a.parent ? to_string(*a.parent) : ""}});
  return out;
}

Result<Json> token_enrol(const AdminContext& c, const Json& request) {
  CHIENG_TRY(const auto id, agency(request, "agency"));
  if (!id)
    return fail(ErrorCode::invalid_argument,
                "which agency? give its id with --agency; see 'agency list'");
  const TokenSecret secret = random_token_secret();
  server::EnrolToken token;
  token.hash = token_hash(secret);
  token.agency = *id;
  token.made = now();
  token.expires = token.made + request.value("valid_ms", std::int64_t{86'400'000}) * 1000;
  CHIENG_CHECK(c.store.add_enrol_token(everything(), actor(request), token));
  return Json{{"token", make_token({c.server_key, secret, c.enrolment_address})},
              {"expires", to_iso(token.expires)}};
}

Result<Json> agent_list(const AdminContext& c, const Json&) {
  CHIENG_TRY(const auto agents, c.store.agents(everything(), now()));
  Json out = Json::array();
  for (const Agent& a : agents)
    out.push_back({{"id", to_string(a.id)},
                   {"name", a.name},
                   {"agency", a.agency.name},
                   {"version", a.facts.version},
                   {"status", std::string(to_string(a.status))},
                   {"last_seen", a.last_seen.is_set() ? to_iso(a.last_seen) : ""}});
  return out;
}

Result<Json> agent_revoke(const AdminContext& c, const Json& request) {
  const auto id = parse_uuid(text(request, "id"));
  if (!id)
    return fail(ErrorCode::invalid_argument,
                "'" + text(request, "id") + "' is not an agent id (32 hex digits); see 'agents'");
  CHIENG_CHECK(c.store.revoke_agent(everything(), actor(request), *id));
  if (c.publish_keys) CHIENG_CHECK(c.publish_keys());
  return Json::object();
}

Result<Json> user_add(const AdminContext& c, const Json& request) {
  CHIENG_TRY(const Role as, role(request));
  CHIENG_TRY(const auto root, agency(request, "agency"));
  CHIENG_TRY(const auto login,
             add_account(c.store, actor(request), text(request, "name"), as, root));
  return Json{{"name", login.name}, {"password", login.password}};
}

Result<Json> user_reset(const AdminContext& c, const Json& request) {
  CHIENG_TRY(const auto login, reset_account(c.store, actor(request), text(request, "name")));
  return Json{{"name", login.name}, {"password", login.password}};
}

Result<Json> user_list(const AdminContext& c, const Json&) {
  CHIENG_TRY(const auto users, c.store.users(everything()));
  Json out = Json::array();
  for (const User& u : users)
    out.push_back({{"name", u.name},
                   {"role", std::string(to_string(u.role))},
                   {"disabled", u.disabled},
                   {"last_login", u.last_login.is_set() ? to_iso(u.last_login) : ""}});
  return out;
}

Result<Json> token_create(const AdminContext& c, const Json& request) {
  CHIENG_TRY(const Role as, role(request));
  CHIENG_TRY(const auto root, agency(request, "agency"));
  CHIENG_TRY(const auto token,
             create_api_token(c.store, actor(request), text(request, "name"), as, root,
                              static_cast<int>(request.value("days", 365))));
  return Json{{"id", token.id}, {"token", token.text}};
}

Result<Json> report_daily(const AdminContext& c, const Json& request) {
  CHIENG_TRY(const auto html, daily_report(c.store, everything(), text(request, "date"), now()));
  return Json{{"html", html}};
}

Result<Json> audit_verify(const AdminContext& c, const Json&) {
  CHIENG_CHECK(c.store.verify_audit());
  CHIENG_TRY(const auto page, c.store.audit_trail(everything(), {1, ""}));
  return Json{{"entries", page.total}};
}

using Call = Result<Json> (*)(const AdminContext&, const Json&);
constexpr std::array<std::pair<std::string_view, Call>, 11> kCalls{{
    {"agency.add", agency_add},
    {"agency.list", agency_list},
    {"enroll-token.create", token_enrol},
    {"agents.list", agent_list},
    {"agents.revoke", agent_revoke},
    {"user.add", user_add},
    {"user.reset", user_reset},
    {"user.list", user_list},
    {"token.create", token_create},
    {"report.daily", report_daily},
    {"audit.verify", audit_verify},
}};

Result<Json> call(const AdminContext& context, const Json& request) {
  if (!request.is_object()) return fail(ErrorCode::parse, "the request is not a JSON object");
  for (const auto& [name, run] : kCalls)
    if (name == text(request, "command")) return run(context, request);
  return fail(ErrorCode::unsupported,
              "no command '" + text(request, "command") + "'; are both programs of one version?");
}

}  // namespace

std::string admin_call(const AdminContext& context, std::string_view request) {
  try {
    const auto answer = call(context, Json::parse(request, nullptr, false));
    const Json out = answer ? Json{{"ok", *answer}} : Json{{"error", answer.error().message()}};
    return out.dump(-1, ' ', false, Json::error_handler_t::replace);
  } catch (const std::exception& error) {
    return Json{{"error", std::string("wrong request: ") + error.what()}}.dump();
  }
}

}  // namespace chieng::server
