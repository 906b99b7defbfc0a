// Where the agent keeps things, all below agent.folder.
#pragma once

#include <filesystem>

#include "core/config/settings.h"

namespace chieng::agent {

struct Paths {
  std::filesystem::path folder, keys, spool, packets_spool, logs_spool, key_file, identity_file,
      status_file, rule_cache;  // the last may not be there: then none is kept
};
[[nodiscard]] Paths paths(const Settings& settings);

}  // namespace chieng::agent
