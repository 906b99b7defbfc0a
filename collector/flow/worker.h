// What the parts of one worker share: settings, counts, and the packet in hand.
#pragma once

#include "collector/flow/expectations.h"
#include "collector/flow/raw_window.h"
#include "collector/packet/decoded.h"
#include "collector/protocol/file_support/range_store.h"
#include "collector/sensor.h"

namespace chieng::collector {

struct Worker {
  const SensorSettings& settings;
  Inspector* inspector = nullptr;
  SensorObserver* observer = nullptr;
  SensorCounters counters;
  Decoded* decoded = nullptr;  // null between packets and at the end of a flow
  RangeStore ranges{};         // parts of files, of all flows
  Expectations expectations{};
  RawSpares raw_spares{};
  std::vector<Transaction*> candidates{};  // to be reported or removed; empty between packets

  [[nodiscard]] const PacketView* packet() const {
    return decoded == nullptr ? nullptr : &decoded->view;
  }
  void event(PacketEvent e) {
    if (decoded != nullptr) decoded->event(e);
  }
  void memory(std::int64_t change) {
    counters.memory =
        static_cast<std::uint64_t>(static_cast<std::int64_t>(counters.memory) + change);
  }
  [[nodiscard]] bool memory_full(std::size_t more) const {
    return counters.memory + more > settings.stream.memory;
  }
};

}  // namespace chieng::collector
