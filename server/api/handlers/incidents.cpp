#include "server/api/handlers/handlers.h"
#include "server/api/problem.h"
#include "server/api/render.h"

namespace chieng::server {
namespace {

Result<HttpResponse> list_incidents(Store& store, Call& call) {
  std::optional<bool> open;
  const auto status = call.query("status");
  if (status == "open" || status == "closed")
    open = status == "open";
  else if (!status.empty() && status != "all")
    return fail(ErrorCode::invalid_argument, "'status' must be open, closed or all");
  CHIENG_TRY(const auto page, call.page());
  CHIENG_TRY(const auto incidents, store.incidents(call.who.scope, open, page));
  return json_answer(rendered_page(incidents));
}

}  // namespace

std::vector<Route> incident_routes(const ApiParts& parts) {
  const auto viewer = Access::least(Role::viewer);
  auto& store = parts.store;
  return {
      {.method = Method::get,
       .path = "/incidents",
       .access = viewer,
       .summary = "What correlation found, newest first",
       .handler = [&store](Call& call) { return list_incidents(store, call); },
       .query =
           paging({{"status", R"({"type":"string","enum":["open","closed","all"],"default":"all"})",
                    "status"}}),
       .answer_schema = "IncidentPage"},
      {.method = Method::get,
       .path = "/incidents/{id}",
       .access = viewer,
       .summary = "One incident",
       .handler = [&store](Call& call) -> Result<HttpResponse> {
         CHIENG_TRY(const auto incident, store.incident(call.who.scope, call.ids[0]));
         return json_answer(rendered(incident));
       },
       .answer_schema = "Incident"},
  };
}

}  // namespace chieng::server
