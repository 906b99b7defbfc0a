// What decoding a packet yields: the view that detection gets, and what only defragmentation and
// TCP need.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "collector/packet/packet_events.h"
#include "core/inspect/packet.h"

namespace chieng::collector {

// Every header's kind that can follow another. Its decoder stands in the one table of decoder.cpp.
enum class Layer : std::uint8_t {
  none,
  ethernet,
  vlan,
  cooked,
  cooked2,
  raw_ip,
  null_loopback,
  ipv4,
  ipv6,
  arp,
  tcp,
  udp,
  icmp,
  icmpv6,
  sctp,
  igmp,
  esp,
  gre,
  ppp,
  pppoe_session,
  pppoe_discovery,
  mpls,
  ip_in_ip,
  ipv6_in_ip,
  vntag,
  etag,
  ieee8021ah,
  dce,
  nsh,
  ieee80211,
  radiotap,
  prism,
  chdlc,
  serial,
  ppp_with_direction,
  nflog,
  enc,
  count_
};

// A header's decoder returns what follows it.
struct Next {
  Layer layer = Layer::none;
  Bytes bytes;
};

struct TcpOptions {
  std::uint8_t window_scale = 0;
  bool has_window_scale = false, has_timestamp = false, fast_open = false;
  std::uint32_t timestamp = 0, timestamp_echo = 0;
};

// An IP fragment that waits for the others.
struct Fragment {
  Bytes data;
  Bytes header;  // what goes in front of the whole datagram: IP header, v6 headers that are not
                 // fragmented
  std::uint32_t id = 0;
  std::uint32_t offset = 0;  // bytes
  std::uint8_t next_header = 0;
  std::size_t next_header_at =
      0;  // where in header the protocol number of the whole datagram belongs
  bool more = false;
};

// The anomalies of one packet, each once. Bounded: a packet with more is bad enough.
class EventList {
 public:
  void add(PacketEvent event) {
    const auto number = static_cast<std::uint16_t>(event);
    for (std::size_t i = 0; i < size_; ++i)
      if (numbers_[i] == number) return;
    if (size_ < numbers_.size()) numbers_[size_++] = number;
  }
  void clear() { size_ = 0; }
  [[nodiscard]] std::span<const std::uint16_t> view() const { return {numbers_.data(), size_}; }

 private:
  std::array<std::uint16_t, 24> numbers_;
  std::size_t size_ = 0;
};

// A packet inside this one (a tunnel): decoded and inspected on its own.
struct Tunnel {
  Layer layer = Layer::none;
  Bytes bytes;
  PacketSource source = PacketSource::gre;
  std::uint16_t vlan = 0;     // that the carrier says the packet was in; 0: none
  std::int32_t in_front = 0;  // bytes in front that count as the packet's own, or do not (< 0)
};

// What an ICMP error tells of the packet that caused it.
struct Quoted {
  IpAddress src, dst;
  std::uint16_t src_port = 0, dst_port = 0;
  std::uint8_t proto = 0;  // TCP or UDP; 0: nothing usable is quoted
};

struct Decoded {
  PacketView view;
  EventList events;
  TcpOptions tcp;
  Fragment fragment;  // where view.is_fragment
  Tunnel tunnel;
  Quoted quoted;
  bool icmp_error = false;  // ICMP for IPv4: an answer to a packet, not a message of its own
  bool invalid = false;     // a header could not be decoded: nothing after it is known
  bool validate = true;     // compute checksums

  void event(PacketEvent e) { events.add(e); }
  // The packet ends here: e says why.
  Next stop(PacketEvent e) {
    events.add(e);
    invalid = true;
    return {};
  }
};

}  // namespace chieng::collector
