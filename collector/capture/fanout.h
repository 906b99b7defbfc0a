// Shares an interface's packets out among the workers, in the kernel: AF_PACKET fanout on the
// descriptors of captures that are open on it.
#pragma once

#include <cstdint>
#include <vector>

#include "core/error/result.h"

struct sock_filter;

namespace chieng::collector {

// Which packets stay together.
enum class Balance : std::uint8_t {
  hosts,  // all between two hosts: connections and those they announce, fragments, tunnels, errors
  flows   // each connection for itself, by the kernel's own hash; what is said above may part
};

// Groups have a number that the kernel gives: 0 makes a new group, into which it is written.
// Members must be bound to one interface. link_bytes: of the interface's link header.
[[nodiscard]] Status join_fanout(int fd, Balance balance, unsigned link_bytes,
                                 std::uint16_t& group);

// The classic BPF program of Balance::hosts. Looks below VLAN tags, PPPoE and MPLS at the outermost
// pair of addresses, so what a tunnel carries stays with the tunnel; an ICMP error goes with the
// packet that it quotes; what is not IP goes to the first worker.
[[nodiscard]] std::vector<sock_filter> hosts_program(unsigned link_bytes);

}  // namespace chieng::collector
