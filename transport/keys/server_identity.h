// Who a server is to its agents, apart from its keys. The generation changes when it was restored
// from a backup.
#pragma once

#include <filesystem>

#include "core/error/result.h"
#include "core/event/envelope.h"

namespace chieng {

struct ServerIdentity {
  Uuid server;
  std::uint64_t generation = 1;

  [[nodiscard]] static Result<ServerIdentity> load_or_create(const std::filesystem::path& path);
  [[nodiscard]] Status save(const std::filesystem::path& path) const;
};

}  // namespace chieng
