// A flow's record: what detection sees (FlowView), its TCP session, its parser, and its places in
// the table.
#pragma once

#include <cstring>
#include <memory>
#include <type_traits>

#include "collector/flow/app_layer.h"
#include "collector/flow/tcp_session.h"
#include "core/inspect/flow.h"
#include "core/memory/pool.h"

namespace chieng::collector {

// Addresses, ports and VLANs in an order that does not depend on the direction.
struct TableKey {
  IpAddress low, high;
  std::uint16_t low_port = 0, high_port = 0;
  std::array<std::uint16_t, 3> vlan{};
  std::uint8_t proto = 0;
  std::uint8_t depth = 0;  // how many tunnels the packets are in
  friend bool operator==(const TableKey& a, const TableKey& b) {
    // A call to memcmp costs more than the comparison: eight bytes at a time, the last ones twice.
    const auto word = [](const TableKey& key, std::size_t at) {
      std::uint64_t out = 0;
      std::memcpy(&out, reinterpret_cast<const char*>(&key) + at, sizeof out);
      return out;
    };
    std::uint64_t different = word(a, sizeof a - 8) ^ word(b, sizeof b - 8);
    for (std::size_t at = 0; at + 8 <= sizeof a; at += 8) different |= word(a, at) ^ word(b, at);
    return different == 0;
  }
};
static_assert(std::has_unique_object_representations_v<TableKey>);

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
class Flow final : public FlowView, public Pooled {
 public:
  [[nodiscard]] std::span<Transaction* const> transactions() const override {
    return app ? app->transactions() : std::span<Transaction* const>{};
  }
  [[nodiscard]] Direction direction_of(const PacketView& packet) const {
    if (packet.src != key.src) return Direction::to_client;
    if (packet.src != packet.dst || !has_ports) return Direction::to_server;
    return packet.src_port == key.src_port ? Direction::to_server : Direction::to_client;
  }

  std::unique_ptr<TcpSession> tcp;
  std::unique_ptr<AppLayer> app;
  std::uint64_t number = 0;  // in the order of creation

  // The table's own.
  Flow* chain = nullptr;
  Flow *older = nullptr, *newer = nullptr;
  std::size_t hash = 0;
  TableKey table_key;
  TimeoutClass timeout_class = TimeoutClass::other_new;

  std::array<bool, 2> seen{};   // packets of its own (not ICMP errors about it), by direction
  std::array<bool, 2> ended{};  // bypassed: that side's FIN was seen
  bool bypassed = false;        // encrypted, and only counted from here on
  bool app_over = false;        // TCP: nothing was found in it, and app is gone
};

}  // namespace chieng::collector
