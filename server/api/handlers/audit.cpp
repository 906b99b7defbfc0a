#include "server/api/handlers/handlers.h"
#include "server/api/problem.h"
#include "server/api/render.h"

namespace chieng::server {

std::vector<Route> audit_routes(const ApiParts& parts) {
  auto& store = parts.store;
  return {
      {.method = Method::get,
       .path = "/audit",
       .access = Access::least(Role::admin),
       .summary = "The audit trail, newest first",
       .handler = [&store](Call& call) -> Result<HttpResponse> {
         CHIENG_TRY(const auto page, call.page());
         CHIENG_TRY(const auto entries, store.audit_trail(call.who.scope, page));
         return json_answer(rendered_page(entries));
       },
       .query = paging(),
       .answer_schema = "AuditPage"},
  };
}

}  // namespace chieng::server
