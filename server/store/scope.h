// Which agencies a query may see. No query of the store exists without one.
#pragma once

#include <algorithm>
#include <vector>

#include "core/event/envelope.h"

namespace chieng::server {

// The right to speak for the server itself (ingest, correlation, reports, commands on the machine).
// Code that answers people never includes system_access.h, the only place that makes one.
class SystemAccess {
 private:
  SystemAccess() = default;
  friend SystemAccess system_access();
};

// A value; immutable. Empty scopes see nothing. A user's scope is made by Store::scope_for().
class Scope {
 public:
  Scope() = default;  // sees nothing
  [[nodiscard]] static Scope all(const SystemAccess&) { return Scope(true, {}); }

  [[nodiscard]] bool everything() const { return everything_; }
  [[nodiscard]] const std::vector<Uuid>& agencies() const { return agencies_; }  // sorted
  [[nodiscard]] bool contains(const Uuid& agency) const {
    return everything_ || std::binary_search(agencies_.begin(), agencies_.end(), agency);
  }

 private:
  friend class SqliteStore;
  Scope(bool everything, std::vector<Uuid> agencies)
      : everything_(everything), agencies_(std::move(agencies)) {
    std::sort(agencies_.begin(), agencies_.end());
  }
  bool everything_ = false;
  std::vector<Uuid> agencies_;
};

}  // namespace chieng::server
