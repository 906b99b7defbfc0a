// The inside of Detector, shared by the files that make it up.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rules/engine/literal_set.h"
#include "rules/suricata/compiled_set.h"
#include "rules/suricata/conditions.h"
#include "rules/suricata/detector.h"
#include "rules/suricata/match.h"
#include "rules/suricata/shared_state.h"
#include "rules/suricata/state.h"

namespace chieng::suricata {

// A full match, kept until the packet's alerts leave in order.
struct PendingAlert {
  PendingAlert() = default;
  // Only moved: a copy would leave explain's views with the bytes of the original.
  PendingAlert(PendingAlert&&) = default;
  PendingAlert& operator=(PendingAlert&&) = default;
  PendingAlert(const PendingAlert&) = delete;
  PendingAlert& operator=(const PendingAlert&) = delete;

  RuleNumber rule = 0;
  const Transaction* tx = nullptr;
  const FrameView* frame = nullptr;
  Direction direction = Direction::to_server;
  Addresses addresses;
  bool from_stream = false;
  Bytes payload;
  std::vector<MatchedOption> explain;
  std::deque<std::string>
      owned;  // bytes that views in explain mean and that do not last by themselves
  std::string context, packet_variables;
};

struct Detector::State {
  State(AlertSink& s, std::shared_ptr<SharedState> all)
      : sink(s), shared(std::move(all)), memory(*shared) {}

  // A rule to look at, on a chunk or on the packet (kPacket).
  struct Candidate {
    RuleNumber rule;
    std::uint32_t place;
    friend auto operator<=>(const Candidate&, const Candidate&) = default;
  };
  static constexpr std::uint32_t kPacket = 0xffffffff;
  static constexpr std::size_t kMostAlerts = 15;   // that leave for one packet
  static constexpr std::size_t kMostPending = 64;  // of which they are the first in order

  void use(std::shared_ptr<const RuleSet> rules);
  void inspect(const Inspection& in);

  // detector.cpp: packets and stream chunks
  void gather(const Inspection& in);
  void gather_packet(const Inspection& in, const PacketRules& rules, bool visible);
  void gather_chunk(const Inspection& in, std::uint32_t place);
  void add_plain(const PlainRules& rules, const GateKeeper::Visitor& visitor, Direction d);
  // hits become candidates where the visitor may pass
  void add(std::uint32_t place, const GateKeeper::Visitor& visitor);
  void evaluate_candidates(const Inspection& in);
  [[nodiscard]] bool evaluate(const Signature& s, const Inspection& in, std::uint32_t place,
                              Subject& subject);
  [[nodiscard]] bool conditions_hold(const Signature& s, const Subject& subject, bool integers);
  [[nodiscard]] bool packet_lists_hold(const Signature& s, const Subject& subject);
  void keep_entropies(const Inspection& in);
  [[nodiscard]] static Transaction* message_of(const Inspection& in);
  void flow_rules(const Inspection& in);  // detection and app_layer

  // detector_frames.cpp
  void inspect_frame(const Inspection& in, FrameView& frame);

  // detector_tx.cpp
  void inspect_transactions(const Inspection& in, Direction d);
  void inspect_transaction(const Inspection& in, Transaction& tx, Direction d);
  void scan(const Transaction& tx, Direction d, TxMemory::Side& side,
            const GateKeeper::Visitor& visitor);
  void add_entries(TxMemory::Side& side, const GateKeeper::Visitor& visitor, bool once);
  [[nodiscard]] bool evaluate(const Signature& s, const Inspection& in, Transaction& tx,
                              Direction d, TxMemory::Entry& entry);
  enum class ListResult : std::uint8_t { match, wait, never };
  [[nodiscard]] ListResult evaluate(const List& list, const Transaction& tx, Direction d);
  [[nodiscard]] ListResult evaluate(const TxCondition& condition, const Transaction& tx,
                                    Direction d) const;
  [[nodiscard]] bool payload_holds(const Signature& s, const Inspection& in, Direction d);

  // alerts.cpp
  void fire(RuleNumber rule, const Subject& subject, Transaction* tx, const StreamChunk* chunk);
  void explain(const Signature& s, const Subject& subject, const Transaction* tx,
               const StreamChunk* chunk, PendingAlert& out);
  void explain_list(const Signature& s, const List& list, const Window& window,
                    std::string_view name, FieldClass privacy, const Subject& subject,
                    PendingAlert& out);
  void explain_tx(const Signature& s, const Subject& subject, const Transaction& tx,
                  PendingAlert& out);
  void keep_captures(const Subject& subject, const FoundStep& step, Bytes data, PendingAlert& out);
  void emit(const Inspection& in);

  std::shared_ptr<const RuleSet> rules;
  const CompiledSet* set = nullptr;
  std::uint64_t set_number = 0;
  AlertSink& sink;
  GateKeeper gates;
  Matcher matcher;
  matching::ScanScratch scratch;
  std::shared_ptr<SharedState> shared;
  RuleMemory memory;
  std::vector<RuleNumber> hits;
  std::vector<Candidate> candidates;
  std::vector<PendingAlert> pending;
  std::vector<FoundStep> found;
};

// A view of the packet, or of the subject's own addresses.
[[nodiscard]] std::optional<Bytes> packet_buffer(PacketBuffer buffer, const Subject& subject);

}  // namespace chieng::suricata
