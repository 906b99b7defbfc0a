// Which public keys are whose. The server publishes a new snapshot when an agent is enrolled or
// revoked; the listener looks at the newest one for each frame.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "core/event/envelope.h"
#include "transport/keys/keys.h"

namespace chieng {

struct KnownAgent {
  Uuid agent;
  Uuid agency;
};

// Enrolled and not revoked. Two keys may lead to one agent (rotation).
using KeySnapshot = std::unordered_map<PublicKey, KnownAgent>;

// Thread-safe.
class KeyDirectory {
 public:
  KeyDirectory() : keys_(std::make_shared<const KeySnapshot>()) {}
  void publish(KeySnapshot keys);
  [[nodiscard]] std::shared_ptr<const KeySnapshot> snapshot() const;  // never null
  [[nodiscard]] std::optional<KnownAgent> find(const PublicKey& key) const;

 private:
  mutable std::mutex mutex_;  // around the pointer only
  std::shared_ptr<const KeySnapshot> keys_;
};

}  // namespace chieng
