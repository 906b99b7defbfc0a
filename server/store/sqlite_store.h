// Opens the store that is kept in SQLite files below one folder: core.db and events-YYYY-MM-DD.db.
#pragma once

#include <filesystem>
#include <memory>

#include "server/store/store.h"

namespace chieng::server {

struct StoreOptions {
  std::filesystem::path folder;  // made with mode 0700 where missing
  std::size_t max_sightings = 200'000;  // Internet sources kept for correlation; the oldest go first
  // Called between the commit of events and the commit of projections: tests kill the process here.
  void (*between_commits)() = nullptr;
};

// Creates or migrates the files. Exactly one process may have a folder open: a second gets unavailable.
[[nodiscard]] Result<std::unique_ptr<Store>> open_store(const StoreOptions& options);

}  // namespace chieng::server
