// The facts of a flow that rules and events need. The flow table's own record derives from it; one
// worker owns it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "core/inspect/packet.h"
#include "core/inspect/transaction.h"
#include "core/net/flow_key.h"

namespace chieng {

enum class FlowState : std::uint8_t { fresh, established, closed };
enum class FlowEnd : std::uint8_t { none, timeout, shutdown, forced, tcp_reuse };
enum class FlowVerdict : std::uint8_t {
  none,
  pass,
  drop
};  // a flow-wide pass or drop rule fired: detection is over

class FlowView {
 public:
  virtual ~FlowView() = default;
  // Live transactions in id order.
  [[nodiscard]] virtual std::span<Transaction* const> transactions() const = 0;

  std::uint64_t id = 0;         // EVE's flow_id: stable, unlikely to repeat
  std::uint64_t parent_id = 0;  // of the flow that announced this one; 0: none did
  FlowKey key;                  // src is the client
  bool has_ports = false;
  Timestamp start, last;
  FlowState state = FlowState::fresh;
  FlowEnd end = FlowEnd::none;
  bool established =
      false;  // flow:established: TCP handshake done or midstream; others: both directions seen
  std::array<std::uint64_t, 2> packets{}, bytes{};  // bytes of whole frames on the wire
  AppProto app_proto;                               // of the flow
  std::array<AppProto, 2> app_proto_side{};         // as detected in each direction
  AppProto
      app_proto_original;  // before an upgrade (CONNECT, STARTTLS); unknown where there was none
  std::array<bool, 2> detection_done{};  // protocol detection ended in that direction
  std::array<bool, 2> payload_hidden{};  // encrypted from here on: no payload or stream inspection
                                         // in that direction
  std::array<std::uint32_t, 2>
      stream_size{};  // next_seq - isn of what that side sent (SYN counts 1); TCP
  std::array<std::uint8_t, 2> tcp_flags{};  // of a connection's packets, by direction of the sender
  std::array<bool, 2> stream_gap{};         // bytes of that sender are missing
  std::optional<std::uint8_t> icmp_type, icmp_code, response_icmp_type, response_icmp_code;
  std::optional<std::uint32_t> spi;  // ESP
  std::uint32_t tx_count = 0;
  bool alerted = false;
  FlowVerdict verdict = FlowVerdict::none;
  std::string_view tcp_state;  // "established", "closed" … for EVE; empty for others

  std::unique_ptr<RuleState> rule_state;  // flowbits, flowints …
};

}  // namespace chieng
