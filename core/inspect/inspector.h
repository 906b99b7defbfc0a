// The joint between the collector and the rule engine. For each packet the collector decodes it,
// updates its flow, reassembles the stream and feeds the parsers, then hands one Inspection to the
// Inspector. Everything in it is valid for that call only. One Inspector a worker.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/inspect/file_view.h"
#include "core/inspect/flow.h"
#include "core/inspect/frame.h"
#include "core/inspect/packet.h"

namespace chieng {

// A range of reassembled TCP bytes that is due for raw-stream inspection; each byte is in exactly
// one chunk, gaps and chunks are cut by the collector (size reached, protocol parser's wish, depth,
// end of stream).
struct StreamChunk {
  Direction direction = Direction::to_server;
  std::uint64_t offset = 0;  // of data in the stream, 0: the first payload byte
  Bytes data;
  bool at_start = false;  // offset 0, or the first chunk after a gap
  bool at_end = false;    // nothing will follow in this direction
};

struct Inspection {
  const PacketView* packet = nullptr;          // never null; pseudo at the end of a flow
  FlowView* flow = nullptr;                    // null: no flow (ARP, fragments, undecodable)
  Direction direction = Direction::to_server;  // of the packet in its flow
  bool payload_in_stream =
      false;  // TCP payload that was added to the stream: stream rules see it there
  std::span<const StreamChunk> chunks;
  std::span<FrameView* const> frames;  // that are due
  std::array<bool, 2> app_updated{};  // transactions changed in that direction, or the stream ended
  std::array<bool, 2>
      proto_detected{};             // protocol detection ended with this packet in that direction
  bool first_in_direction = false;  // first packet of the flow in this direction
};

enum class RuleAction : std::uint8_t { alert, pass, drop, reject, config };
enum class RuleEngine : std::uint8_t { suricata, sigma, ioc };
[[nodiscard]] std::string_view to_string(RuleEngine e);
enum class RuleTarget : std::uint8_t { none, source, destination };

// What an alert needs to know of its rule. Lives as long as the rule set that holds it.
struct RuleInfo {
  RuleEngine engine = RuleEngine::suricata;
  RuleAction action = RuleAction::alert;
  std::string source;  // the layer or file set that it came from
  std::uint32_t gid = 1, sid = 0, rev = 0;
  std::string rule_id;  // Sigma id; empty for others
  std::string message;
  std::string category;       // of the classtype
  std::uint8_t priority = 3;  // EVE's severity: 1 high … 4 low
  std::string author, license;
  std::vector<std::string> references;
  std::vector<std::string> tags;                              // ATT&CK and others (Sigma)
  std::vector<std::pair<std::string, std::string>> metadata;  // in rule order, keys may repeat
  RuleTarget target = RuleTarget::none;
  std::string text;       // as loaded
  std::string text_hash;  // SHA-256, hex
  std::string file;
  int line = 0;
};

// One option of the rule and what met it. Views are valid for the call only.
struct MatchedOption {
  std::string_view option;   // as in the rule: content:"uid=0"; nocase
  std::string_view buffer;   // "payload", "stream", "http.uri", a log field
  std::int64_t offset = -1;  // of the match in the buffer, -1 where the option has no place
  std::uint32_t length = 0;
  Bytes data;                     // the buffer, for an excerpt around the match
  std::uint64_t data_offset = 0;  // of data in the whole buffer
  FieldClass privacy = FieldClass::plain;
  std::string note;  // "count 5 of 5 in 60 s", "flowbit set by sid 1 at packet 7"
};

struct Alert {
  const RuleInfo* rule = nullptr;
  const Inspection* at = nullptr;
  const Transaction* tx = nullptr;  // null for packet and stream rules
  Direction direction = Direction::to_server;
  std::span<const MatchedOption> explain;
  bool from_stream = false;          // payload is a stream chunk
  Bytes payload;                     // what was inspected: packet payload or chunk
  std::string_view context;          // JSON object of captured variables, or empty
  const FrameView* frame = nullptr;  // of a rule over frames
};

class AlertSink {
 public:
  virtual ~AlertSink() = default;
  virtual void on_alert(const Alert& alert) = 0;
};

class Inspector {
 public:
  virtual ~Inspector() = default;
  virtual void inspect(const Inspection& inspection) = 0;
  // Whether frames of that protocol have to be kept for inspection.
  [[nodiscard]] virtual bool wants_frames(AppProto proto) const {
    (void)proto;
    return false;
  }
  // The flow is about to be freed (after its last Inspection).
  virtual void flow_ended(FlowView& flow) { (void)flow; }
};

// Who writes events of the collector's findings. One a worker.
class SensorObserver {
 public:
  virtual ~SensorObserver() = default;
  virtual void on_transaction(const FlowView& flow, const Transaction& tx,
                              const PacketView* packet) = 0;
  virtual void on_file(const FlowView& flow, const Transaction* tx, const FileView& file,
                       const PacketView* packet) = 0;
  virtual void on_flow_end(const FlowView& flow) = 0;
  // An ARP message (PacketView::arp).
  virtual void on_arp(const PacketView& packet) { (void)packet; }
  // A packet's decode and stream events; flow may be null.
  virtual void on_packet_events(const PacketView& packet, const FlowView* flow) = 0;
  // Events of a transaction's parser, or of protocol detection (tx null): number in
  // ProtocolSpec::events.
  virtual void on_app_event(const FlowView& flow, const Transaction* tx, std::string_view event,
                            std::string_view layer, const PacketView* packet) = 0;
};

}  // namespace chieng
