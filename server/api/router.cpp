#include "server/api/router.h"

#include <algorithm>
#include <charconv>

#include "core/hash/digest.h"
#include "server/api/fault_log.h"
#include "server/api/problem.h"
#include "server/auth/secrets.h"

namespace chieng::server {
namespace {

constexpr std::size_t kBaseSegments = 2;  // "api", "v1"

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> out;
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto slash = path.find('/');
    out.push_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash, path.size()));
  }
  return out;
}

bool is_placeholder(std::string_view part) {
  return part.starts_with('{');
}

bool fits(const std::vector<std::string_view>& pattern, const Target& target) {
  if (target.segments.size() != pattern.size() + kBaseSegments) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i)
    if (!is_placeholder(pattern[i]) && pattern[i] != target.segments[i + kBaseSegments])
      return false;
  return true;
}

// A browser says where a request was made; one that another site made is refused whatever it
// carries.
bool from_elsewhere(const HttpRequest& request) {
  const auto site = request.header("sec-fetch-site");
  return site == "cross-site" || site == "same-site";
}

bool is_json_type(std::string_view type) {
  const auto name = type.substr(0, std::min(type.find(';'), type.find(' ')));
  constexpr std::string_view json = "application/json";
  return std::ranges::equal(
      name, json, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? char(a | 32) : a) == b; });
}

Result<Identity> identify(Authenticator& authenticator, const HttpRequest& request) {
  if (const auto authorization = request.header("authorization"); !authorization.empty()) {
    constexpr std::string_view scheme = "Bearer ";
    if (!authorization.starts_with(scheme))
      return fail(ErrorCode::auth, "only 'Authorization: Bearer TOKEN' is taken");
    return authenticator.by_token(authorization.substr(scheme.size()), request.address);
  }
  const auto cookie = find_cookie(request.header("cookie"), "chieng_session");
  if (cookie.empty() || cookie.size() > 128) return fail(ErrorCode::auth, "log in first");
  return authenticator.by_session(cookie, request.address);
}

HttpResponse fault_answer(const HttpRequest& request, const Error& error) {
  auto response = problem_of(error);
  if (response.status >= 500) log_fault(request, error.message());
  return response;
}

void add_etag(const HttpRequest& request, HttpResponse& response) {
  if (request.method != Method::get || response.status != 200 || response.stream) return;
  std::string etag = "\"" + std::string(response.header("ETag")) +
                     digest_hex(DigestKind::sha256, as_bytes(response.body)).substr(0, 24) + "\"";
  const bool current = etag_matches(request.header("if-none-match"), etag);
  response.set("ETag", std::move(etag));
  if (!current) return;
  response.status = 304;
  response.body.clear();
}

}  // namespace

std::string_view Call::query(std::string_view name) const {
  const auto* value = target.find(name);
  return value ? std::string_view(*value) : std::string_view{};
}

Result<PageRequest> Call::page() const {
  PageRequest page;
  if (const auto* limit = target.find("limit")) {
    const auto* end = limit->data() + limit->size();
    const auto [at, ec] = std::from_chars(limit->data(), end, page.limit);
    if (ec != std::errc{} || at != end || page.limit < 1 || page.limit > 500)
      return fail(ErrorCode::invalid_argument, "'limit' must be a number from 1 to 500");
  }
  if (const auto* cursor = target.find("cursor")) {
    CHIENG_CHECK(check_cursor(*cursor));
    page.cursor = *cursor;
  }
  return page;
}

std::vector<QueryParam> paging(std::vector<QueryParam> more) {
  more.push_back({"limit", R"({"type":"integer","minimum":1,"maximum":500,"default":50})",
                  "items in an answer"});
  more.push_back({"cursor", R"({"type":"string"})", "next_cursor of the answer before"});
  return more;
}

Router::Router(std::vector<Route> routes, Authenticator& authenticator)
    : routes_(std::move(routes)), authenticator_(authenticator) {
  for (const auto& route : routes_) patterns_.push_back(split(route.path));
}

Router::Match Router::match(Method method, const Target& target) const {
  Match found;
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    if (!fits(patterns_[i], target)) continue;
    if (routes_[i].method != method) {
      found.allowed +=
          (found.allowed.empty() ? "" : ", ") + std::string(to_string(routes_[i].method));
      continue;
    }
    found.route = &routes_[i];
    for (std::size_t k = 0; k < patterns_[i].size(); ++k)
      if (is_placeholder(patterns_[i][k])) found.ids.push_back(target.segments[k + kBaseSegments]);
    return found;
  }
  return found;
}

HttpResponse Router::handle(const HttpRequest& request, const Target& target) const {
  auto found = match(request.method, target);
  if (!found.route) {
    if (found.allowed.empty())
      return problem(404, code::not_found, "there is no such address in the API");
    auto response = problem(405, code::method, "this address takes " + found.allowed);
    response.set("Allow", found.allowed);
    return response;
  }
  Call call{request, target, {}, std::move(found.ids), {}};
  if (auto refused = admit(*found.route, call)) return std::move(*refused);
  if (auto refused = check_form(*found.route, call)) return std::move(*refused);
  auto answer = found.route->handler(call);
  if (!answer) return fault_answer(request, answer.error());
  add_etag(request, *answer);
  return std::move(*answer);
}

std::optional<HttpResponse> Router::admit(const Route& route, Call& call) const {
  const bool changes = route.method != Method::get;
  if (changes && from_elsewhere(call.request))
    return problem(403, code::forbidden, "a request that another site made is not taken");
  if (route.access.open()) return std::nullopt;
  auto who = identify(authenticator_, call.request);
  if (!who) return fault_answer(call.request, who.error());
  call.who = std::move(*who);
  if (changes && !call.who.session.empty() &&
      !equal_in_constant_time(call.request.header("x-chieng-csrf"), call.who.csrf))
    return problem(403, code::forbidden,
                   "the header X-Chieng-CSRF is missing or not this session's");
  if (call.who.role < route.access.role())
    return problem(403, code::forbidden,
                   "this needs the role " + std::string(to_string(route.access.role())));
  if (call.who.must_change_password && !route.before_password_change)
    return problem(403, code::password_change, "the one-time password has to be changed first");
  return std::nullopt;
}

std::optional<HttpResponse> Router::check_form(const Route& route, Call& call) const {
  for (const auto& [name, value] : call.target.query)
    if (std::ranges::find(route.query, name, &QueryParam::name) == route.query.end())
      return problem(400, code::bad_request,
                     "'" + name.substr(0, 64) + "' is not a query member of this address");
  if (route.body_schema.empty()) {
    if (call.request.body.empty()) return std::nullopt;
    return problem(400, code::bad_request, "this address takes no body");
  }
  if (!is_json_type(call.request.header("content-type")))
    return problem(415, code::media_type, "the body must be application/json");
  auto body = JsonBody::parse(call.request.body);
  if (!body) return problem_of(body.error());
  call.body = std::move(*body);
  return std::nullopt;
}

}  // namespace chieng::server
