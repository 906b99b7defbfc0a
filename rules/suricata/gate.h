// What rules ask of addresses, ports, protocols, TCP flags and the first bytes of data, in 36 bytes
// a rule: most of the rules that a literal or a list names end here, before their signature is
// touched.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/inspect/inspector.h"
#include "rules/suricata/address_index.h"
#include "rules/suricata/signature.h"

namespace chieng::suricata {

using RuleNumber = std::uint32_t;  // position in CompiledSet::rules

// Numbers of sets are those of Gates; 0: any.
struct Gate {
  std::uint32_t src = 0, dst = 0, src_port = 0, dst_port = 0;
  std::uint16_t protocols = 0;
  std::uint16_t l4 = 0;  // one bit, of L4
  std::uint8_t tcp_mask = 0, tcp_want = 0;
  std::uint8_t sides = 3;  // bits of Direction
  bool both_ways = false, has_flow = false, payload = false;
  // Bytes that the payload has at a fixed place; lead_size of them.
  std::uint8_t lead_at = 0, lead_size = 0;
  std::array<std::uint8_t, 4> lead{};
};

// The gates of a rule set. Built once, then immutable and shared by threads.
class Gates {
 public:
  void build(std::span<const Signature> rules);  // which have to stay where they are
  // The rule has no literal and a small set of addresses: it is found by an address of the packet.
  // False: it is not, the caller keeps it in a list.
  [[nodiscard]] bool index_by_address(RuleNumber rule);
  void finish();  // after the last index_by_address

 private:
  friend class GateKeeper;
  static constexpr std::size_t kRemembered = 64;  // sets of addresses, those that most rules name
  using Protocols = std::bitset<256>;

  std::uint16_t number_of(const std::vector<AppProto>& protocols);

  std::vector<Gate> gates_;
  std::vector<std::shared_ptr<const AddressSet>> addresses_{nullptr};  // most used first
  std::vector<std::shared_ptr<const PortSet>> ports_{nullptr};
  std::vector<Protocols> protocols_{Protocols()};
  const Signature* rules_ = nullptr;
  AddressIndex by_src_, by_dst_;
};

// Stands at the gates for one worker: remembers what it found out about addresses lately, in
// 130 KB.
class GateKeeper {
 public:
  void use(const Gates& gates);

  // What knocks: a packet, or a side of a flow. Good until the next one is made.
  struct Visitor {
    const Addresses* addresses = nullptr;
    std::uint16_t l4 = 0;   // bits of L4 that it is
    std::uint8_t side = 0;  // bits of Direction
    bool flow = false;
    // A packet, or a chunk that comes with it. False: a transaction, whose rules ask later for what
    // packets have.
    bool packet = false;
    std::uint8_t tcp_flags = 0;
    Bytes data;  // payload or chunk; empty: rules over payload do not hold
    AppProto proto;
    std::uint32_t src = 0, dst = 0;  // places in known_
  };
  // Without a flow, what rules say of directions does not matter.
  [[nodiscard]] Visitor visitor(const Addresses& addresses, const FlowView* flow, Direction d,
                                AppProto proto);
  // Whether the rule's header, protocols and direction hold, and what else it asks of the packet
  // may.
  [[nodiscard]] bool open(RuleNumber rule, const Visitor& v);
  // The rules that index_by_address took and whose addresses may hold: one list, and another.
  [[nodiscard]] std::array<std::span<const RuleNumber>, 2> by_address(const Visitor& v) const {
    return {known_[v.src].rules, known_[v.dst].rules};
  }

 private:
  [[nodiscard]] static bool packet_may_hold(const Gate& gate, const Visitor& v);

  // What is known of an address.
  struct Known {
    IpAddress address;
    bool used = false;
    std::uint64_t asked = 0, member = 0;  // by number of the set
    std::span<const RuleNumber> rules;    // of the index
  };
  static constexpr std::uint32_t kKnown = 1024;  // sources, and as many destinations

  [[nodiscard]] std::uint32_t recall(const IpAddress& address, std::uint32_t base,
                                     const AddressIndex& index);
  [[nodiscard]] bool contains(std::uint32_t set, Known& known) const;

  const Gates* gates_ = nullptr;
  std::vector<Known> known_;
};

}  // namespace chieng::suricata
