#include "server/api/fault_log.h"

#include <spdlog/spdlog.h>

namespace chieng::server {

void log_fault(const HttpRequest& request, std::string_view why) {
  const auto path =
      std::string_view(request.target).substr(0, request.target.find('?')).substr(0, 200);
  spdlog::error("api: {} {} failed: {}", to_string(request.method), path, why);
}

}  // namespace chieng::server
