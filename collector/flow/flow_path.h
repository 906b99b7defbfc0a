// What happens to one packet once its flow is known: counts, TCP, application layer, one
// Inspection, clean-up.
#pragma once

#include <vector>

#include "collector/flow/flow.h"

namespace chieng::collector {

// One a worker. Keeps only buffers that are reused from packet to packet.
class FlowPath final : private StreamSink {
 public:
  explicit FlowPath(Worker& worker) : worker_(worker) {}

  void packet(Flow& flow, Decoded& decoded);
  void without_flow(Decoded& decoded);
  // Hands on and inspects what is left of a flow, and reports its end.
  void end(Flow& flow);

 private:
  void deliver(Direction d, std::uint64_t offset, Bytes data) override;
  void lost(Direction d, std::uint64_t offset, std::uint64_t bytes) override;

  void count(Flow& flow, const PacketView& packet, Direction d);
  bool tcp(Flow& flow, const Decoded& decoded, Direction d);
  void udp(Flow& flow, const Decoded& decoded, Direction d);
  AppLayer& app(Flow& flow, TransportMask transport);
  void end_streams(Flow& flow);
  void bypass(Flow& flow);
  void bypassed(Flow& flow, const Decoded& decoded, Direction d);
  void inspect(Flow& flow, const PacketView& packet, Inspection& inspection, bool final);
  void last_inspections(Flow& flow);
  void report_packet_events(const Decoded& decoded, const FlowView* flow);

  Worker& worker_;
  Flow* flow_ = nullptr;  // whose stream is being fed
  std::vector<StreamChunk> chunks_;
};

}  // namespace chieng::collector
