#include "server/api/handlers/handlers.h"
#include "server/api/problem.h"
#include "server/api/render.h"

namespace chieng::server {
namespace {

std::string cookie(std::string_view value, std::int64_t max_age, bool tls) {
  std::string out = "chieng_session=" + std::string(value) +
                    "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(max_age);
  return tls ? out + "; Secure" : out;
}

std::string session_json(const Identity& who) {
  std::string out;
  JsonWriter json(out);
  json.begin_object()
      .key("user")
      .begin_object()
      .field("id", who.actor.id)
      .field("name", who.actor.name);
  json.field("role", to_string(who.role)).end_object().field("csrf", who.csrf);
  json.field("must_change_password", who.must_change_password).end_object();
  return out;
}

HttpResponse wait_answer(std::int64_t seconds) {
  auto response = problem(429, code::rate_limited,
                          "too many wrong passwords; wait " + std::to_string(seconds) + " s",
                          "{\"retry_after\":" + std::to_string(seconds) + "}");
  response.set("Retry-After", std::to_string(seconds));
  return response;
}

HttpResponse login_answer(const Authenticator& authenticator, const LoginOutcome& outcome,
                          bool tls) {
  switch (outcome.kind) {
    case LoginOutcome::Kind::wait:
      return wait_answer(outcome.wait_seconds);
    case LoginOutcome::Kind::refused:
      return problem(401, code::unauthenticated, "the name or the password is wrong");
    case LoginOutcome::Kind::welcome:
      break;
  }
  auto response = json_answer(session_json(outcome.identity));
  response.set("Set-Cookie", cookie(outcome.cookie, authenticator.lifetime_seconds(), tls));
  return response;
}

Result<HttpResponse> log_in(const ApiParts& parts, Call& call) {
  CHIENG_CHECK(call.body.only({"username", "password"}));
  CHIENG_TRY(const auto name, call.body.needed_text("username", 1024));
  CHIENG_TRY(const auto password, call.body.needed_text("password", 4096));
  CHIENG_TRY(const auto outcome, parts.authenticator.log_in(name, password, call.request.address));
  return login_answer(parts.authenticator, outcome, call.request.tls);
}

Result<HttpResponse> log_out(const ApiParts& parts, Call& call) {
  CHIENG_CHECK(parts.authenticator.log_out(call.who));
  parts.hub.leave(call.who.session);
  HttpResponse response;
  response.status = 204;
  response.set("Set-Cookie", cookie("", 0, call.request.tls));
  response.set("Clear-Site-Data", "\"cache\", \"storage\"");
  return response;
}

Result<HttpResponse> change_password(const ApiParts& parts, Call& call) {
  if (call.who.session.empty())
    return problem(403, code::forbidden, "an API token has no password; log in to change yours");
  CHIENG_CHECK(call.body.only({"current", "new"}));
  CHIENG_TRY(const auto current, call.body.needed_text("current", 4096));
  CHIENG_TRY(const auto wanted, call.body.needed_text("new", 4096));
  CHIENG_TRY(const auto outcome, parts.authenticator.change_password(call.who, current, wanted));
  if (outcome.kind == LoginOutcome::Kind::refused)
    return problem(403, code::forbidden, "the current password is wrong");
  if (outcome.kind == LoginOutcome::Kind::welcome) parts.hub.leave(call.who.session);
  return login_answer(parts.authenticator, outcome, call.request.tls);
}

}  // namespace

std::vector<Route> session_routes(const ApiParts& parts) {
  const auto viewer = Access::least(Role::viewer);
  return {
      {.method = Method::post,
       .path = "/session",
       .access = Access::anyone(),
       .summary = "Log in",
       .handler = [parts](Call& call) { return log_in(parts, call); },
       .body_schema = "Login",
       .answer_schema = "Session"},
      {.method = Method::get,
       .path = "/session",
       .access = viewer,
       .summary = "Who is logged in",
       .handler = [](Call& call) -> Result<HttpResponse> {
         return json_answer(session_json(call.who));
       },
       .answer_schema = "Session",
       .before_password_change = true},
      {.method = Method::del,
       .path = "/session",
       .access = viewer,
       .summary = "Log out; the session is dead at once",
       .handler = [parts](Call& call) { return log_out(parts, call); },
       .before_password_change = true},
      {.method = Method::post,
       .path = "/session/password",
       .access = viewer,
       .summary =
           "Change the own password; every other session ends and the answer brings a new one",
       .handler = [parts](Call& call) { return change_password(parts, call); },
       .body_schema = "PasswordChange",
       .answer_schema = "Session",
       .before_password_change = true},
  };
}

}  // namespace chieng::server
