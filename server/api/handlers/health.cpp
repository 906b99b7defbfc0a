#include "server/api/handlers/handlers.h"
#include "server/api/problem.h"

namespace chieng::server {

std::vector<Route> health_routes(const ApiParts& parts) {
  auto& store = parts.store;
  return {
      {.method = Method::get,
       .path = "/health/live",
       .access = Access::anyone(),
       .summary = "The process answers",
       .handler = [](Call&) -> Result<HttpResponse> { return json_answer(R"({"status":"live"})"); },
       .answer_schema = "Health"},
      {.method = Method::get,
       .path = "/health/ready",
       .access = Access::anyone(),
       .summary = "The store can be read and written; 503 where not",
       .handler = [&store](Call&) -> Result<HttpResponse> {
         if (!store.check())
           return problem(503, code::unavailable, "the store cannot be read or written");
         return json_answer(R"({"status":"ready"})");
       },
       .answer_schema = "Health"},
  };
}

}  // namespace chieng::server
