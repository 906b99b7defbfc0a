#include "transport/listener/key_directory.h"

namespace chieng {

void KeyDirectory::publish(KeySnapshot keys) {
  auto next = std::make_shared<const KeySnapshot>(std::move(keys));
  const std::lock_guard lock(mutex_);
  keys_.swap(next);
}

std::shared_ptr<const KeySnapshot> KeyDirectory::snapshot() const {
  const std::lock_guard lock(mutex_);
  return keys_;
}

std::optional<KnownAgent> KeyDirectory::find(const PublicKey& key) const {
  const auto keys = snapshot();
  const auto found = keys->find(key);
  if (found == keys->end()) return std::nullopt;
  return found->second;
}

}  // namespace chieng
