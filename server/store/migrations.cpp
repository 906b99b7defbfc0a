#include "server/store/migrations.h"

#include <string>

namespace chieng::server {

Status migrate(sql::Connection& file, std::span<const Migration> migrations,
               std::string_view name) {
  CHIENG_TRY(const auto found, file.integer("PRAGMA user_version"));
  const int version = static_cast<int>(found.value_or(0));
  if (version > migrations.back().version)
    return fail(ErrorCode::unsupported,
                "format version " + std::to_string(version) + " is newer than this program's " +
                    std::to_string(migrations.back().version) + "; install the newer chieng-server",
                std::string(name));
  for (const Migration& step : migrations) {
    if (step.version <= version) continue;
    CHIENG_TRY(auto transaction, sql::Transaction::begin(file));
    CHIENG_CHECK(file.script(step.sql));
    CHIENG_CHECK(file.script("PRAGMA user_version=" + std::to_string(step.version)));
    CHIENG_CHECK(transaction.commit());
  }
  return {};
}

}  // namespace chieng::server
