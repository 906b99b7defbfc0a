// Included by the parts of the server that act for themselves, never by server/api.
#pragma once

#include "server/store/scope.h"

namespace chieng::server {

[[nodiscard]] inline SystemAccess system_access() {
  return {};
}

}  // namespace chieng::server
