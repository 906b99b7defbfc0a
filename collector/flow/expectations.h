// Flows that were announced: a conversation such as FTP's told the address and port of another one
// and what it will be, which its own bytes do not tell.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>

#include "collector/protocol/parser.h"
#include "core/inspect/flow.h"

namespace chieng::collector {

// One a worker. Bounded: kCapacity, the oldest goes first; each is for one flow and for kLifetime
// after it was told. Empty nearly always, so that asking costs nothing.
class Expectations {
 public:
  static constexpr std::size_t kCapacity = 8192;
  static constexpr std::int64_t kLifetime = 30'000'000;  // microseconds of packet time

  struct Entry {
    std::size_t protocol = 0;  // position in protocols()
    std::uint64_t parent = 0;  // flow id
    std::shared_ptr<const ExpectedContext> context;
  };

  // A later expectation of the same flow replaces the earlier one.
  void add(const FlowKey& parent, std::uint64_t parent_id, const ExpectedFlow& flow,
           std::size_t protocol, Timestamp now);
  // What was told of this flow, whichever of its ends began; it is taken out.
  [[nodiscard]] std::optional<Entry> take(const FlowKey& flow, Timestamp now);
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  struct Key {
    IpAddress listener, other;
    std::uint16_t port = 0;
    std::uint8_t proto = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const;
  };
  struct Slot {
    Entry entry;
    Timestamp since;
  };
  void prune(Timestamp now);

  std::unordered_map<Key, Slot, Hash> entries_;
  std::deque<std::pair<Key, Timestamp>> order_;  // by time; some are taken or replaced already
};

}  // namespace chieng::collector
