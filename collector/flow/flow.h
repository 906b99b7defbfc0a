// A flow's record: what detection sees (FlowView), its TCP session, its parser, and its places in
// the table.
#pragma once

#include <memory>

#include "collector/flow/app_layer.h"
#include "collector/flow/tcp_session.h"
#include "core/inspect/flow.h"

namespace chieng::collector {

// Addresses, ports and VLANs in an order that does not depend on the direction.
struct TableKey {
  IpAddress low, high;
  std::uint16_t low_port = 0, high_port = 0;
  std::array<std::uint16_t, 3> vlan{};
  std::uint8_t proto = 0;
  std::uint8_t depth = 0;  // how many tunnels the packets are in
  friend bool operator==(const TableKey&, const TableKey&) = default;
};

// Which time-out a flow is subject to; each class is a list ordered by the time of the last packet.
enum class TimeoutClass : std::uint8_t {
  tcp_new,
  tcp_established,
  tcp_closed,
  udp_new,
  udp_established,
  icmp_new,
  icmp_established,
  other_new,
  other_established,
  count_
};

// Owned by the flow table of one worker.
class Flow final : public FlowView {
 public:
  [[nodiscard]] std::span<Transaction* const> transactions() const override {
    return app ? app->transactions() : std::span<Transaction* const>{};
  }
  [[nodiscard]] Direction direction_of(const PacketView& packet) const {
    if (packet.src != key.src) return Direction::to_client;
    if (packet.src != packet.dst || !has_ports) return Direction::to_server;
    return packet.src_port == key.src_port ? Direction::to_server : Direction::to_client;
  }

  std::array<bool, 2> seen{};  // packets of its own (not ICMP errors about it), by direction
  std::unique_ptr<TcpSession> tcp;
  std::unique_ptr<AppLayer> app;
  std::uint64_t number = 0;  // in the order of creation

  // The table's own.
  TableKey table_key;
  std::size_t hash = 0;
  Flow* chain = nullptr;
  Flow *older = nullptr, *newer = nullptr;
  TimeoutClass timeout_class = TimeoutClass::other_new;
};

}  // namespace chieng::collector
