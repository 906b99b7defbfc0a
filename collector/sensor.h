// One worker's whole path from frames to inspections: decode, flow, TCP reassembly, protocol
// detection, parsers, one Inspection a packet, events, and the removal of what is finished.
#pragma once

#include <cstdint>
#include <memory>

#include "collector/capture/frame.h"
#include "collector/settings.h"
#include "core/inspect/catalogue.h"
#include "core/inspect/inspector.h"

namespace chieng::collector {

// Counts since the start; never reset.
struct SensorCounters {
  std::uint64_t packets = 0, bytes = 0;  // frames handed in, bytes on the wire
  std::uint64_t truncated = 0;           // frames of which less was captured than was on the wire
  std::uint64_t invalid = 0;             // packets with a header that could not be decoded
  std::uint64_t ipv4 = 0, ipv6 = 0, tcp = 0, udp = 0, icmp = 0, sctp = 0, arp = 0, other = 0;
  std::uint64_t bad_checksums = 0;
  std::uint64_t fragments = 0, reassembled = 0,
                fragments_dropped = 0;                   // dropped: memory or time ran out
  std::uint64_t flows = 0;                               // ever made
  std::uint64_t flows_active = 0;                        // now
  std::uint64_t flows_timed_out = 0, flows_evicted = 0;  // evicted: the table was full
  std::uint64_t tcp_sessions = 0, tcp_midstream = 0;
  std::uint64_t stream_bytes = 0;         // delivered in order
  std::uint64_t gaps = 0, gap_bytes = 0;  // lost to the capture
  std::uint64_t segments_dropped = 0;     // out-of-order data beyond the memory bound
  std::uint64_t retransmissions = 0, depth_reached = 0;
  std::uint64_t memory = 0;  // in out-of-order segments and raw windows, now
  std::uint64_t transactions = 0,
                transactions_dropped = 0;  // dropped: over max_transactions of a flow
  std::uint64_t app_events = 0, packet_events = 0;
  std::uint64_t inspections = 0;
  std::uint64_t bypassed_packets = 0, bypassed_bytes = 0;  // of encrypted connections, counted only

  SensorCounters& operator+=(const SensorCounters& more);  // of another worker
};

// The flow of the last frame, of the innermost packet that has one.
struct LastFlow {
  std::uint64_t id = 0;       // 0: it had none
  std::uint64_t packets = 0;  // so far, of both sides
  bool encrypted = false;     // what follows from that side cannot be read
};

// Lives on one thread; everything it makes belongs to it. Memory is bounded by its settings: flows,
// out-of-order bytes, fragments, transactions a flow. Settings are copied; catalogue, inspector and
// observer have to outlive it.
class Sensor {
 public:
  // inspector and observer may be null.
  Sensor(const SensorSettings& settings, const Catalogue& catalogue, Inspector* inspector,
         SensorObserver* observer);
  ~Sensor();
  Sensor(const Sensor&) = delete;
  Sensor& operator=(const Sensor&) = delete;

  void packet(const Frame& frame);
  // Ends flows whose time has passed. packet() does the same as packet time goes on; an idle live
  // capture calls this.
  void advance(Timestamp now);
  // End of the capture: every flow ends, and what was not inspected yet is.
  void finish();
  // Between packets; a new rule set has a new Inspector. Rule states of flows and transactions go
  // with the old one.
  void set_inspector(Inspector* inspector);
  // Computes these digests of files that begin from now on, beside those of the settings.
  void also_hash(bool md5, bool sha1, bool sha256);
  [[nodiscard]] const SensorCounters& counters() const;
  [[nodiscard]] const LastFlow& last_flow() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace chieng::collector
