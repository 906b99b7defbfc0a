// What rules remember across flows: bits on addresses (hostbits, xbits) and thresholds. Workers
// share it, so that they alert together as one of them would alone. Flowbits and the like live with
// their flow.
#pragma once

#include <array>
#include <atomic>
#include <mutex>

#include "rules/suricata/state.h"
#include "rules/suricata/threshold.h"

namespace chieng::suricata {

// Used by any thread. Sharded by key; a lock is taken only where a rule that keeps such state has
// matched, or asks for a bit while any is set. Of two packets that different workers handle at the
// same moment either may come first. Bounded: kShards times the limits of its parts.
class SharedState {
 public:
  static constexpr std::size_t kShards = 16;

  // The number of a bit's name, the same for every rule set and worker. For loading, not for
  // packets.
  [[nodiscard]] std::uint32_t number(const std::string& name);

  [[nodiscard]] bool has(const AddressBits::Key& key, Timestamp now) const;
  enum class Change : std::uint8_t { set, unset, toggle };
  void change(const AddressBits::Key& key, Change change, Timestamp until, Timestamp now);

  [[nodiscard]] ThresholdTable::Verdict count(const Signature& rule, const Addresses& addresses,
                                              std::uint64_t flow, Timestamp now);

 private:
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    AddressBits bits;               // guarded by mutex
    ThresholdTable thresholds;      // guarded by mutex
    std::atomic<bool> used{false};  // a bit was ever set here: most sets of rules have none
  };
  [[nodiscard]] static std::size_t shard_of(std::size_t hash) { return (hash >> 20) % kShards; }

  std::array<Shard, kShards> shards_;
  std::mutex names_mutex_;
  NameTable names_;  // guarded by names_mutex_
};

}  // namespace chieng::suricata
