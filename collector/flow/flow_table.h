// Finds flows by their addresses and ports, and ends them when their time has passed.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <vector>

#include "collector/flow/flow.h"
#include "collector/packet/decoded.h"
#include "collector/settings.h"

namespace chieng::collector {

// One worker's flows. Bounded by FlowSettings::capacity: beyond it the one that was idle longest
// goes, of those first that no answer was seen of or that are over, so that a flood of new ones
// does not push out conversations. A flow that ends is handed to on_end while it is still whole,
// and freed afterwards.
class FlowTable {
 public:
  using OnEnd = std::function<void(Flow&)>;  // Flow::end says why
  FlowTable(const FlowSettings& settings, OnEnd on_end);
  ~FlowTable();
  FlowTable(const FlowTable&) = delete;
  FlowTable& operator=(const FlowTable&) = delete;

  [[nodiscard]] Flow* find(const PacketView& packet, int depth = 0);
  // Of the packet that an ICMP error quotes.
  [[nodiscard]] Flow* find_quoted(const PacketView& error, const Quoted& quoted, int depth);
  // The packet's sender becomes the client.
  Flow& create(const PacketView& packet, int depth = 0);
  // After each packet of a flow: keeps its list in order. Its time-out follows from its state.
  void touch(Flow& flow);
  void end(Flow& flow, FlowEnd why);
  // Ends what timed out before now; returns how many.
  std::size_t expire(Timestamp now);
  // Ends every flow, oldest first.
  void end_all(FlowEnd why);
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::uint64_t evicted() const { return evicted_; }

  template <class F>
  void each(F&& f) {
    for (Flow* flow : buckets_)
      for (; flow != nullptr; flow = flow->chain) f(*flow);
  }

 private:
  struct List {
    Flow *oldest = nullptr, *newest = nullptr;
    std::size_t size = 0;
  };
  [[nodiscard]] TableKey key_of(const PacketView& packet, int depth) const;
  [[nodiscard]] std::size_t hash_of(const TableKey& key) const;
  [[nodiscard]] List& list(TimeoutClass c) { return lists_[static_cast<std::size_t>(c)]; }
  void unlink(Flow& flow);
  void append(Flow& flow);
  void evict();
  [[nodiscard]] Flow* idle(bool only_brief);

  FlowSettings settings_;
  OnEnd on_end_;
  std::vector<Flow*> buckets_;
  std::array<List, static_cast<std::size_t>(TimeoutClass::count_)> lists_;
  std::array<std::int64_t, static_cast<std::size_t>(TimeoutClass::count_)>
      limits_{};        // microseconds
  std::uint64_t seed_;  // so that nobody outside can choose flows of one bucket
  std::size_t size_ = 0;
  std::uint64_t created_ = 0, evicted_ = 0;
};

}  // namespace chieng::collector
