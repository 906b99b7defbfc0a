// How a command reaches the store: through the running server, or by opening the folder itself
// where none runs.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/config/settings.h"

namespace chieng::server {

// The answer's "ok" member, or its error.
[[nodiscard]] Result<nlohmann::json> local_call(const Settings& settings,
                                                const nlohmann::json& request);

}  // namespace chieng::server
