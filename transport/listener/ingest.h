// What the listener asks of the server, and how the server answers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/error/result.h"
#include "core/event/envelope.h"
#include "transport/spool/record.h"

namespace chieng {

struct StreamId {  // one row of the store's cursor table
  Uuid agent;
  Uuid spool;
  std::uint64_t epoch = 1;
  EventClass lane = EventClass::alert;
  friend auto operator<=>(const StreamId&, const StreamId&) = default;
};

struct BatchEvent {
  std::uint64_t sequence =
      0;  // EventPosition{spool, epoch, lane, sequence}; make_event_id(agent, position)
  Envelope envelope;
  std::string json;  // the producer's bytes
};

// Sequences first..last of one stream: each is an event or lies in a gap.
struct Batch {
  StreamId stream;
  Uuid agency;
  std::uint64_t first = 0, last = 0;
  std::vector<BatchEvent> events;
  std::vector<SpoolGap> gaps;
  std::int64_t received_us = 0;                        // wall clock, µs since 1970
  std::int64_t clock_offset_us = 0;                    // server minus agent
  ClockQuality clock_quality = ClockQuality::unknown;  // good: offset measured and within 2 s
  std::uint64_t bytes = 0;                             // of the frame, for accounting
};

// The answer to one submitted batch, from any thread, exactly once.
struct BatchDone {
  StreamId stream;
  std::uint64_t first = 0, last = 0;  // the batch's
  bool stored = false;
  // What the store's cursor says now. stored: >= last. Not stored: the batch's first was not cursor
  // + 1, or the store failed; the listener asks the agent to go back to committed + 1.
  std::uint64_t committed = 0;
};
// Thread-safe; may outlive the listener (then it does nothing).
using BatchDoneSink = std::function<void(const BatchDone&)>;

struct AgentBeat {
  Uuid agent, agency;
  std::string json;  // not parsed here; at most 32 KiB
  std::int64_t received_us = 0;
  bool clock_measured = false;
  std::int64_t clock_offset_us = 0, round_trip_us = 0;
};

struct AgentUp {
  Uuid agent, agency;
  std::uint64_t session = 0;
  Uuid boot;
  std::string version, settings_hash, rule_set_hash, address;
};

enum class AgentDownReason : std::uint8_t { bye, silent, superseded, revoked, protocol, stopped };
[[nodiscard]] std::string_view to_string(AgentDownReason reason);

// Implemented by the server. All calls come from the listener's thread and must return quickly
// (RAM, queues).
class IngestHandler {
 public:
  virtual ~IngestHandler() = default;
  // The store's durable cursor; 0 for a stream it has not seen.
  [[nodiscard]] virtual std::uint64_t committed(const StreamId& stream) = 0;
  // Queues the batch for the store's writer. False: the queue is full; nothing was taken, the agent
  // sends it again. True: done is called exactly once, after the durable commit or the failure.
  [[nodiscard]] virtual bool submit(Batch batch, const BatchDoneSink& done) = 0;
  virtual void on_beat(const AgentBeat& beat) = 0;
  virtual void on_up(const AgentUp& agent) = 0;
  virtual void on_down(const Uuid& agent, AgentDownReason reason) = 0;
  // Two machines seem to run with one key: their boot ids take turns.
  virtual void on_clone(const Uuid& agent) = 0;
};

}  // namespace chieng
