// `chieng-server run`: puts the parts together, in order, and takes them down in the reverse order.
#pragma once

#include "core/config/settings.h"

namespace chieng::server {

// Until SIGTERM or SIGINT; the exit code.
[[nodiscard]] int run_server(const Settings& settings);

}  // namespace chieng::server
