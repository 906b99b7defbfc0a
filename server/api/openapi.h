// The API's machine-readable description, OpenAPI 3.1, made from the route table and the schemas
// below it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/api/router.h"

namespace chieng::server {

struct NamedSchema {
  std::string_view name;
  std::string_view json;  // JSON Schema 2020-12
};
[[nodiscard]] std::span<const NamedSchema> api_schemas();

[[nodiscard]] std::string openapi_document(const std::vector<Route>& routes);

}  // namespace chieng::server
