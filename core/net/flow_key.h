// The 5-tuple (and VLANs) of a flow, and its Community ID (v1:
// https://github.com/corelight/community-id-spec).
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "core/net/address.h"

namespace chieng {

struct FlowKey {
  IpAddress src, dst;  // src: who sent the first packet
  std::uint16_t src_port = 0,
                dst_port = 0;           // ICMP: type and code, or the id, as the flow table decides
  std::uint8_t proto = 0;               // IANA protocol number
  std::array<std::uint16_t, 3> vlan{};  // outermost first; 0: none
  friend bool operator==(const FlowKey&, const FlowKey&) = default;
};

// For ICMP and ICMPv6 the ports are the message type and code: the counterpart's type is looked up
// as the specification's tables say. Protocols without ports: pass has_ports false.
[[nodiscard]] std::string community_id(const IpAddress& src, const IpAddress& dst,
                                       std::uint16_t src_port, std::uint16_t dst_port,
                                       std::uint8_t proto, bool has_ports, std::uint16_t seed = 0);
// The same appended, without an allocation where out has room.
void append_community_id(std::string& out, const IpAddress& src, const IpAddress& dst,
                         std::uint16_t src_port, std::uint16_t dst_port, std::uint8_t proto,
                         bool has_ports, std::uint16_t seed = 0);

}  // namespace chieng
