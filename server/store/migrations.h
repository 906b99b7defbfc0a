// The schema of core.db and of event files, in versions. PRAGMA user_version is the version table;
// a migration and its number commit together. A file of a newer version than this program's is
// refused.
#pragma once

#include <span>
#include <string_view>

#include "server/store/sqlite.h"

namespace chieng::server {

struct Migration {
  int version;  // that the file has afterwards
  const char* sql;
};

[[nodiscard]] std::span<const Migration> core_migrations();
[[nodiscard]] std::span<const Migration> event_file_migrations();
[[nodiscard]] Status migrate(sql::Connection& file, std::span<const Migration> migrations,
                             std::string_view name);

}  // namespace chieng::server
