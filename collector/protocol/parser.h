// The shape of every application protocol: a Protocol describes it, a Parser holds one flow's
// state, a ParserHost is what the flow offers to it. All belong to one worker; nothing here is
// shared or locked.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "collector/settings.h"
#include "core/bytes/bytes.h"
#include "core/inspect/catalogue.h"
#include "core/inspect/flow.h"
#include "core/inspect/inspector.h"
#include "core/inspect/transaction.h"

namespace chieng::collector {

class Parser;
class RangeStore;
struct Protocol;

// What a parser tells the parser of a flow that it announces. Immutable; shared by both.
struct ExpectedContext {
  virtual ~ExpectedContext() = default;
};

// A flow to come between the two ends of the present one.
struct ExpectedFlow {
  const Protocol* protocol = nullptr;
  Direction listener = Direction::to_server;  // to_server: the present server waits for it
  std::uint16_t port = 0;                     // where it waits
  std::shared_ptr<const ExpectedContext> context;
};

// What the flow offers to its parser; outlives it.
class ParserHost {
 public:
  using MakeParser = std::function<std::unique_ptr<Parser>(ParserHost& host, AppProto proto)>;

  virtual ~ParserHost() = default;
  [[nodiscard]] virtual const SensorSettings& settings() const = 0;
  [[nodiscard]] virtual const FlowView& flow() const = 0;
  [[nodiscard]] virtual const PacketView* packet()
      const = 0;  // being worked on; null at the end of a flow
  [[nodiscard]] virtual std::uint64_t next_transaction_id() = 0;
  // Takes the transaction over. It stays until both sides are complete (ProtocolSpec::complete) and
  // rules and events have had it, or until the flow ends. The pointer stays good until then, at
  // least to the end of the current call.
  virtual Transaction* add(std::unique_ptr<Transaction> tx) = 0;
  // An anomaly of the parser: kept with the transaction (null: with the flow) for rules, and
  // reported once as an event.
  virtual void event(Transaction* tx, std::uint16_t number, Direction d) = 0;
  // A message is whole: raw-stream inspection of what arrived in this direction is due now.
  virtual void inspect_raw(Direction d) = 0;
  // Encrypted from here on: no more payload or raw-stream inspection in this direction.
  virtual void hide_payload(Direction d) = 0;
  // No more data is wanted in this direction (tunnel, encrypted, broken): the parser is not called
  // for it again.
  virtual void stop(Direction d) = 0;
  // Where the first byte of the present data() call stands in the direction's stream, gaps counted;
  // 0 in datagrams.
  [[nodiscard]] virtual std::uint64_t position(Direction d) const {
    (void)d;
    return 0;
  }
  // Names a range of the direction's bytes (ProtocolSpec::frames[type]) for rules and alerts.
  // start: in the stream, as of position(), at most some kilobytes behind it. length: nothing where
  // it is not known (yet): end_frame tells, or the end of the stream. Returns the frame's id; 0
  // where nobody looks at frames, which costs nothing.
  virtual std::uint64_t frame(Direction d, std::uint8_t type, std::uint64_t start,
                              std::optional<std::uint64_t> length,
                              const Transaction* tx = nullptr) {
    (void)d, (void)type, (void)start, (void)length, (void)tx;
    return 0;
  }
  // The frame ends before that place in the stream. 0 and unknown ids are ignored.
  virtual void end_frame(Direction d, std::uint64_t id, std::uint64_t end) {
    (void)d, (void)id, (void)end;
  }
  // What follows is another protocol (CONNECT, STARTTLS, upgrade): detection starts anew with the
  // next bytes.
  virtual void change_protocol() = 0;
  // The same where one protocol is to be expected; make gives its parser. Anything else that turns
  // out to follow is reported, and parsed as what it is.
  virtual void change_protocol_to(const Protocol& next, MakeParser make) {
    (void)next, (void)make;
    change_protocol();
  }
  // What follows is that protocol, whatever it looks like.
  virtual void become(const Protocol& next, MakeParser make) {
    (void)next, (void)make;
    change_protocol();
  }
  // With a change: bytes of the present call that are the next protocol's.
  virtual void pass_on(Direction d, Bytes rest) { (void)d, (void)rest; }
  // The flow's protocol turned out to be a more special one; its parser stays.
  virtual void rename_protocol(const Protocol& protocol) { (void)protocol; }
  // Where files that come in parts are put together; null: nowhere.
  [[nodiscard]] virtual RangeStore* ranges() { return nullptr; }
  // Another flow is about to begin; the expectation is forgotten after half a minute.
  virtual void expect(const ExpectedFlow& flow) { (void)flow; }
  // What was told of this flow when it was expected; null where it was not.
  [[nodiscard]] virtual const ExpectedContext* expected() const { return nullptr; }
  // A file ended (or was cut off): goes to the observer, and to rules through its transaction's
  // buffers.
  virtual void file(const Transaction* tx, const FileView& file) = 0;
};

// One flow's parser state. Bounded: what it keeps between calls has a limit that its header states.
class Parser : public Pooled {
 public:
  virtual ~Parser() = default;
  // TCP: the next bytes in order, every byte once, in pieces of any size. UDP: one datagram. Valid
  // for the call only.
  virtual void data(Direction d, Bytes data) = 0;
  // TCP: bytes that will never come (lost by the capture).
  virtual void gap(Direction d, std::uint64_t bytes) = 0;
  // TCP: no more data in that direction (FIN, RST or the end of the flow); called once. UDP: at the
  // end of the flow.
  virtual void end(Direction d) = 0;
};

enum class Probe : std::uint8_t { no, maybe, yes };  // maybe: needs more bytes

// A protocol's entry in the one list (list.cpp). Static data.
struct Protocol {
  const ProtocolSpec* spec;
  // The first bytes of a direction (TCP), or a datagram. Told apart by content; port_hint says that
  // a port is the usual one. At most the first few kilobytes are offered.
  Probe (*probe)(Direction d, Bytes data, bool port_hint);
  std::span<const std::uint16_t> ports;  // usual server ports
  std::unique_ptr<Parser> (*make)(ParserHost& host, AppProto proto);
  bool server_first = false;  // the server greets: what it sent before a detection is fed first
};

// Every protocol, in the order of their numbers: AppProto is the position + 2.
[[nodiscard]] std::span<const Protocol* const> protocols();
[[nodiscard]] AppProto number_of(const Protocol& protocol);
// The same as the catalogue wants it.
[[nodiscard]] std::span<const ProtocolSpec* const> protocol_specs();
// decoder.* and stream.* names; PacketView::events are positions in it.
[[nodiscard]] std::span<const std::string_view> packet_event_names();

}  // namespace chieng::collector
