// Keeps what an alert's evidence is made of: the packets of each flow before it, and after it.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "agent/events/event_out.h"
#include "agent/pipeline/evidence_store.h"
#include "collector/capture/packet_ring.h"
#include "collector/capture/pcapng_writer.h"
#include "collector/sensor.h"
#include "core/inspect/inspector.h"

namespace chieng::agent {

// One worker's. The first packets of each flow and all later ones are kept in a ring each, of half
// the memory; of what is encrypted only the first packets. An alert opens a capsule, which ends
// kAfter packets or kPatience later: at most kMostOpen are open, of at most kMostBytes each. Stands
// between the detector and the writer of alerts.
class EvidenceKeeper final : public AlertSink {
 public:
  static constexpr std::uint64_t kFirst = 12;  // packets of a flow
  static constexpr std::size_t kAfter = 50, kMostOpen = 64, kMostBytes = std::size_t{1} << 20;
  static constexpr std::int64_t kPatience = 30'000'000;  // by packet time

  // next: who writes alerts, through out.
  EvidenceKeeper(std::shared_ptr<EvidenceStore> store, std::size_t memory, AlertSink& next,
                 const EventOut& out);

  void on_alert(const Alert& alert) override;
  // After the sensor had the frame.
  void packet(const collector::Frame& frame, const collector::LastFlow& flow);
  // No more packets: what is open is written.
  void finish();

 private:
  struct Open {
    Capsule capsule;
    collector::PcapngWriter packets;
    std::size_t after = 0;
    bool fresh = true;  // the packet that it is about comes next
  };
  void close(Open& open);
  void take_from(const collector::PacketRing& ring, Open& open);

  std::shared_ptr<EvidenceStore> store_;
  AlertSink& next_;
  const EventOut& out_;
  collector::PacketRing first_, later_;
  std::vector<Open> open_;
  std::string group_;
};

}  // namespace chieng::agent
