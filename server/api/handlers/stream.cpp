#include "server/api/handlers/handlers.h"

namespace chieng::server {

std::vector<Route> stream_routes(const ApiParts& parts) {
  auto& hub = parts.hub;
  return {
      {.method = Method::get,
       .path = "/stream",
       .access = Access::least(Role::viewer),
       .summary = "Server-sent events: hello, group, incident, agent",
       .handler = [&hub](Call& call) -> Result<HttpResponse> {
         HttpResponse response;
         CHIENG_TRY(response.stream, hub.join(call.who, call.request.header("last-event-id")));
         response.set("Content-Type", "text/event-stream; charset=utf-8");
         response.set("X-Accel-Buffering",
                      "no");  // a proxy that gathers would make live messages late
         return response;
       },
       .answer_type = "text/event-stream"},
  };
}

}  // namespace chieng::server
