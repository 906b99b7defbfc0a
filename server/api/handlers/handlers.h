// The API's routes, a file a subject. To add one: a Route in its subject's list, its schema in
// openapi_schemas.cpp where it takes or answers a new shape, and a test of allowed, forbidden and
// malformed.
#pragma once

#include <vector>

#include "server/api/router.h"
#include "server/api/stream_hub.h"

namespace chieng::server {

// What handlers work with; outlives the routes.
struct ApiParts {
  Store& store;
  Authenticator& authenticator;
  StreamHub& hub;
};

[[nodiscard]] std::vector<Route> session_routes(const ApiParts& parts);
[[nodiscard]] std::vector<Route> group_routes(const ApiParts& parts);
[[nodiscard]] std::vector<Route> event_routes(const ApiParts& parts);
[[nodiscard]] std::vector<Route> incident_routes(const ApiParts& parts);
[[nodiscard]] std::vector<Route> agent_routes(const ApiParts& parts);
[[nodiscard]] std::vector<Route> stream_routes(const ApiParts& parts);
[[nodiscard]] std::vector<Route> audit_routes(const ApiParts& parts);
[[nodiscard]] std::vector<Route> health_routes(const ApiParts& parts);

// All of them, and /openapi.json, which describes all of them.
[[nodiscard]] std::vector<Route> all_routes(const ApiParts& parts);

}  // namespace chieng::server
