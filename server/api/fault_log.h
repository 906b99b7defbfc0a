// The server's log of requests that failed inside: what the answer does not say. Never the query,
// the body or a header.
#pragma once

#include <string_view>

#include "server/api/http.h"

namespace chieng::server {

void log_fault(const HttpRequest& request, std::string_view why);

}  // namespace chieng::server
