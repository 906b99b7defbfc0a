// The route table. A route cannot be written down without saying who may use it: Access has no
// default. From the same table come the checks (role, CSRF, query members, body) and /openapi.json.
// Immutable once made; any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/api/http.h"
#include "server/api/json_body.h"
#include "server/api/target.h"
#include "server/auth/authenticator.h"

namespace chieng::server {

class Access {
 public:
  [[nodiscard]] static constexpr Access anyone() { return Access(true, Role::viewer); }
  [[nodiscard]] static constexpr Access least(Role role) { return Access(false, role); }
  [[nodiscard]] constexpr bool open() const { return open_; }
  [[nodiscard]] constexpr Role role() const { return role_; }

 private:
  constexpr Access(bool open, Role role) : open_(open), role_(role) {}
  bool open_;
  Role role_;
};

struct QueryParam {
  std::string_view name;
  std::string_view schema;  // JSON Schema of the value
  std::string_view doc;
};

// One request on its way through a handler.
struct Call {
  const HttpRequest& request;
  const Target& target;
  Identity who;  // empty (and its scope sees nothing) where the route is open to anyone
  std::vector<std::string> ids;  // what stood in the pattern's braces, in order
  JsonBody body;                 // empty for GET and DELETE

  [[nodiscard]] std::string_view query(std::string_view name) const;  // empty: not given
  [[nodiscard]] Result<PageRequest> page() const;
};

using Handler = std::function<Result<HttpResponse>(Call&)>;

struct Route {
  Method method;
  std::string_view path;  // below /api/v1: "/groups/{id}/events"
  Access access;
  std::string_view summary;
  Handler handler;
  std::vector<QueryParam> query = {};
  std::string_view body_schema = {};    // name in components/schemas; empty: no body
  std::string_view answer_schema = {};  // empty: no body, or not JSON
  std::string_view answer_type = "application/json";
  bool before_password_change = false;  // usable while the one-time password is still in force
};

inline constexpr std::string_view kApiBase = "/api/v1";

class Router {
 public:
  Router(std::vector<Route> routes, Authenticator& authenticator);

  // The whole way: find the route, who it is, may they, is it well-formed; then the handler, ETag
  // and 304.
  [[nodiscard]] HttpResponse handle(const HttpRequest& request, const Target& target) const;
  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }

 private:
  struct Match {
    const Route* route = nullptr;
    std::vector<std::string> ids;
    std::string allowed;  // methods of the path, where the method is not among them
  };
  [[nodiscard]] Match match(Method method, const Target& target) const;
  [[nodiscard]] std::optional<HttpResponse> admit(const Route& route, Call& call) const;
  [[nodiscard]] std::optional<HttpResponse> check_form(const Route& route, Call& call) const;

  std::vector<Route> routes_;
  std::vector<std::vector<std::string_view>> patterns_;  // segments, by route
  Authenticator& authenticator_;
};

// limit and cursor, for every list that is cut into pages.
[[nodiscard]] std::vector<QueryParam> paging(std::vector<QueryParam> more = {});

}  // namespace chieng::server
