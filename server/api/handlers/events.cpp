#include "server/api/handlers/handlers.h"
#include "server/api/problem.h"
#include "server/api/render.h"

namespace chieng::server {

std::vector<Route> event_routes(const ApiParts& parts) {
  auto& store = parts.store;
  return {
      {.method = Method::get,
       .path = "/events/{id}",
       .access = Access::least(Role::viewer),
       .summary = "One event: the envelope, and the event as the agent wrote it",
       .handler = [&store](Call& call) -> Result<HttpResponse> {
         const auto id = parse_event_id(call.ids[0]);
         if (!id) return fail(ErrorCode::not_found, "not an event's id");
         CHIENG_TRY(const auto event, store.event(call.who.scope, *id));
         return json_answer(rendered(event));
       },
       .answer_schema = "Event"},
  };
}

}  // namespace chieng::server
