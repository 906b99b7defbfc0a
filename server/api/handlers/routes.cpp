#include <iterator>
#include <memory>

#include "server/api/handlers/handlers.h"
#include "server/api/openapi.h"
#include "server/api/problem.h"

namespace chieng::server {

std::vector<Route> all_routes(const ApiParts& parts) {
  std::vector<Route> routes;
  for (auto* subject : {session_routes, group_routes, event_routes, incident_routes, agent_routes,
                        stream_routes, audit_routes, health_routes}) {
    auto more = subject(parts);
    routes.insert(routes.end(), std::move_iterator(more.begin()), std::move_iterator(more.end()));
  }
  auto document = std::make_shared<std::string>();
  routes.push_back(
      {.method = Method::get,
       .path = "/openapi.json",
       .access = Access::anyone(),
       .summary = "This description of the API",
       .handler = [document](Call&) -> Result<HttpResponse> { return json_answer(*document); },
       .answer_schema = "Anything"});
  *document = openapi_document(routes);
  return routes;
}

}  // namespace chieng::server
