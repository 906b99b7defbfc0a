// A unit of an application protocol: a request with its response, a DNS message, a TLS handshake.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/bytes/bytes.h"
#include "core/event/json_writer.h"
#include "core/inspect/catalogue.h"
#include "core/inspect/file_view.h"
#include "core/memory/pool.h"

namespace chieng {

// An instance of a multi integer that has no value there: no condition holds for it.
inline constexpr std::uint64_t kNoInteger = ~std::uint64_t{0};

// What a rule engine remembers with a transaction or flow; it alone knows the real type.
struct RuleState {
  virtual ~RuleState() = default;
};

// A buffer's bytes as they are now; valid until the transaction's parser is fed again.
struct BufferSlice {
  Bytes data;
  std::uint64_t offset =
      0;  // of data in the whole buffer: 0 but for later windows of a streaming buffer
  // A streaming buffer is inspected once a generation; a slice appears only when it is due. Other
  // buffers: 0.
  std::uint32_t generation = 0;
  bool complete = true;        // nothing will follow
  bool little_endian = false;  // how the sender writes numbers in it, where it says so (DCERPC)
};

class Transaction;

// Told when rules have something new to look at in a transaction: its flow.
class TransactionWatcher {
 public:
  virtual void touched(Transaction& tx, Direction d) = 0;

 protected:
  ~TransactionWatcher() = default;
};

// What the flow that owns a transaction remembers of it, so that it has to look only at those that
// changed. By direction: the revision that rules have had; whether they had one; whether they still
// have to.
struct TransactionTrack {
  TransactionWatcher* watcher = nullptr;
  std::array<std::uint32_t, 2> seen{};
  std::array<bool, 2> inspected{}, pending{};
  bool reported = false, candidate = false;
};

// Owned by its flow, which lives on one worker. Parsers derive from it.
class Transaction : public Pooled {
 public:
  Transaction(AppProto proto, std::uint64_t id) : proto_(proto), id_(id) {}
  virtual ~Transaction() = default;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  [[nodiscard]] AppProto proto() const { return proto_; }
  [[nodiscard]] std::uint64_t id() const { return id_; }  // from 0 in each flow: EVE's tx_id
  [[nodiscard]] std::uint8_t progress(Direction d) const { return progress_[index(d)]; }
  // Counts up whenever rules have something new to look at in that direction (progress, body data,
  // an event).
  [[nodiscard]] std::uint32_t revision(Direction d) const { return revision_[index(d)]; }
  [[nodiscard]] const std::vector<std::uint16_t>& events() const { return events_; }

  // local: position in ProtocolSpec::buffers. Nothing where the buffer is absent (or not due).
  // Instance: for multi buffers from 0 until nothing comes back; otherwise 0.
  [[nodiscard]] virtual std::optional<BufferSlice> buffer(unsigned local, Direction d,
                                                          std::uint32_t instance) const = 0;
  [[nodiscard]] virtual std::optional<std::uint64_t> integer(unsigned local, Direction d,
                                                             std::uint32_t instance) const {
    (void)local, (void)d, (void)instance;
    return std::nullopt;
  }
  // Where the values of a multi integer stand among places of which some have none (a number that
  // only some frames carry): the place of an instance, and how many places there are. Nothing: each
  // instance is a place. Rules that name a position mean places.
  struct Place {
    std::uint32_t at = 0, of = 0;
  };
  [[nodiscard]] virtual std::optional<Place> place(unsigned local, Direction d,
                                                   std::uint32_t instance) const {
    (void)local, (void)d, (void)instance;
    return std::nullopt;
  }
  // Writes the protocol's member of an EVE event: key and object, as in "http":{…}.
  virtual void write(JsonWriter& out) const = 0;
  // Its files as they are now, for alerts: by number until nothing comes back.
  [[nodiscard]] virtual std::optional<FileView> file(std::uint32_t number) const {
    (void)number;
    return std::nullopt;
  }
  // The same in an alert, where a protocol's object differs there.
  virtual void write_in_alert(JsonWriter& out) const { write(out); }
  // Whether this transaction is an event of its own in EVE, and from which side (DNS responses:
  // to_client).
  [[nodiscard]] virtual Direction event_direction() const { return Direction::to_server; }
  // The event's type, where it is not the protocol's name.
  [[nodiscard]] virtual std::string_view event_type() const { return {}; }
  // A message of its own, such as a DNS response: there is nothing to wait for from the other side.
  [[nodiscard]] virtual bool one_sided() const { return false; }

  void set_progress(Direction d, std::uint8_t p) {
    if (p <= progress_[index(d)]) return;
    progress_[index(d)] = p;
    touch(d);
  }
  void touch(Direction d) {
    const bool first = revision_[index(d)]++ == track.seen[index(d)];
    if (first && track.watcher != nullptr) track.watcher->touched(*this, d);
  }
  void add_event(std::uint16_t number, Direction d) {
    for (const std::uint16_t e : events_)
      if (e == number) return;
    events_.push_back(number);
    touch(d);
  }

  std::unique_ptr<RuleState> rule_state;
  TransactionTrack track;
  bool logging_disabled = false;  // config:logging disable

 protected:
  // It turned out to be of a protocol whose declarations begin with those of the present one.
  void set_proto(AppProto proto) {
    proto_ = proto;
    rule_state.reset();
  }

 private:
  AppProto proto_;
  std::uint64_t id_;
  std::array<std::uint8_t, 2> progress_{};
  std::array<std::uint32_t, 2> revision_{};
  std::vector<std::uint16_t> events_;
};

}  // namespace chieng
