#include "server/api/handlers/handlers.h"
#include "server/api/problem.h"
#include "server/api/render.h"

namespace chieng::server {

std::vector<Route> agent_routes(const ApiParts& parts) {
  const auto viewer = Access::least(Role::viewer);
  auto& store = parts.store;
  return {
      {.method = Method::get,
       .path = "/agents",
       .access = viewer,
       .summary = "Agents, and whether they are alive",
       .handler = [&store](Call& call) -> Result<HttpResponse> {
         CHIENG_TRY(const auto agents, store.agents(call.who.scope, now()));
         return json_answer(rendered_page(agents, {}, agents.size()));
       },
       .answer_schema = "AgentPage"},
      {.method = Method::get,
       .path = "/agencies",
       .access = viewer,
       .summary = "The tree of agencies, parents first, with the names in force today",
       .handler = [&store](Call& call) -> Result<HttpResponse> {
         CHIENG_TRY(const auto agencies, store.agencies(call.who.scope, now()));
         return json_answer(rendered_page(agencies, {}, agencies.size()));
       },
       .answer_schema = "AgencyPage"},
  };
}

}  // namespace chieng::server
