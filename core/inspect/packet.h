// A decoded packet as detection sees it: views into the captured bytes, valid until the next
// packet.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "core/bytes/bytes.h"
#include "core/inspect/catalogue.h"
#include "core/net/address.h"
#include "core/time/timestamp.h"

namespace chieng {

namespace ip_proto {
inline constexpr std::uint8_t icmp = 1, igmp = 2, tcp = 6, udp = 17, gre = 47, esp = 50,
                              icmpv6 = 58, sctp = 132;
}
namespace tcp_flag {
inline constexpr std::uint8_t fin = 1, syn = 2, rst = 4, psh = 8, ack = 16, urg = 32, ece = 64,
                              cwr = 128;
}

enum class ChecksumState : std::uint8_t { unchecked, valid, invalid };

// How a packet came to be: from the wire, out of another one, put together.
enum class PacketSource : std::uint8_t {
  wire,
  flow_end,
  defrag,
  gre,
  ipv4,
  ipv6,
  teredo,
  vxlan,
  geneve
};

struct PacketView {
  Timestamp time;
  std::uint64_t number = 0;             // from 1, EVE's pcap_cnt; 0 for a pseudo packet
  std::uint32_t wire_length = 0;        // on the wire; frame holds only what was captured
  std::uint32_t link_type = 1;          // libpcap's DLT_ number
  Bytes frame;                          // captured bytes from the link header on
  Bytes ethernet;                       // 14 bytes where there is an Ethernet header
  std::array<std::uint16_t, 3> vlan{};  // VLAN ids, outermost first; vlan_count of them
  std::uint8_t vlan_count = 0;

  IpAddress src, dst;           // not set for ARP and undecodable packets
  Bytes ip_header;              // with options (v4) or extension headers (v6); empty without IP
  std::uint8_t ip_version = 0;  // 4, 6, 0
  std::uint8_t proto = 0;       // IANA number of the upper layer
  std::uint8_t ttl = 0, tos = 0;
  std::uint16_t ip_id = 0;            // IPv4
  std::uint8_t ip_flags = 0;          // IPv4: 4 reserved, 2 DF, 1 MF
  std::uint16_t fragment_offset = 0;  // in 8-byte units
  bool is_fragment = false;           // a fragment that is not (yet) reassembled: no ports

  bool has_ports = false;  // TCP, UDP or SCTP, whole header present
  std::uint16_t src_port = 0, dst_port = 0;
  Bytes l4_header;
  std::uint8_t tcp_flags = 0;
  std::uint32_t tcp_seq = 0, tcp_ack = 0;
  std::uint16_t tcp_window = 0;
  bool has_icmp = false;
  std::uint8_t icmp_type = 0, icmp_code = 0;
  Bytes payload;  // after the transport header
  std::uint16_t ether_type = 0;
  ChecksumState ip_checksum = ChecksumState::unchecked, l4_checksum = ChecksumState::unchecked;

  std::span<const std::uint16_t> events;  // numbers of Catalogue::packet_event
  Bytes arp;  // the ARP message (Ethernet and IPv4: 28 bytes) where this is one
  PacketSource source = PacketSource::wire;
  const PacketView* carrier = nullptr;  // the packet that this one was in
  std::uint8_t depth = 0;               // tunnels around it
  bool pseudo = false;                  // made at the end of a flow: no bytes of its own
};

}  // namespace chieng
