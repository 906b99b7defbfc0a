#include "rules/suricata/shared_state.h"

namespace chieng::suricata {

std::uint32_t SharedState::number(const std::string& name) {
  const std::lock_guard lock(names_mutex_);
  return names_.number(name);
}

bool SharedState::has(const AddressBits::Key& key, Timestamp now) const {
  const Shard& shard = shards_[shard_of(key.hash())];
  if (!shard.used.load(std::memory_order_acquire)) return false;
  const std::lock_guard lock(shard.mutex);
  return shard.bits.has(key, now);
}

void SharedState::change(const AddressBits::Key& key, Change change, Timestamp until,
                         Timestamp now) {
  Shard& shard = shards_[shard_of(key.hash())];
  const std::lock_guard lock(shard.mutex);
  const bool set = change == Change::set || (change == Change::toggle && !shard.bits.has(key, now));
  if (!set) return shard.bits.unset(key);
  shard.bits.set(key, until, now);
  shard.used.store(true, std::memory_order_release);
}

ThresholdTable::Verdict SharedState::count(const Signature& rule, const Addresses& addresses,
                                           std::uint64_t flow, Timestamp now) {
  if (!addresses.src.is_set()) return {};
  const auto key = ThresholdTable::key_of(rule, addresses, flow);
  Shard& shard = shards_[shard_of(key.hash())];
  const std::lock_guard lock(shard.mutex);
  return shard.thresholds.count(*rule.threshold, key, now);
}

}  // namespace chieng::suricata
