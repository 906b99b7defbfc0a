// Opens the store that is kept in SQLite files below one folder: core.db and events-YYYY-MM-DD.db.
#pragma once

#include <filesystem>
#include <memory>

#include "server/store/change_feed.h"
#include "server/store/store.h"

namespace chieng::server {

struct StoreOptions {
  std::filesystem::path folder;  // made with mode 0700 where missing
  ChangeFeed* changes =
      nullptr;  // told of groups, incidents and agents that moved; must outlive the store
  std::size_t max_sightings =
      200'000;  // hours of Internet sources kept for correlation; the oldest go first
};

// Creates or migrates the files. Exactly one process may have a folder open: a second gets
// unavailable.
[[nodiscard]] Result<std::unique_ptr<Store>> open_store(const StoreOptions& options);

}  // namespace chieng::server
