// Headers of packets as buffers: tcp.hdr, ipv4.hdr …
#include <array>

#include "rules/suricata/keywords/keywords.h"

namespace chieng::suricata::keywords {
namespace {

template <PacketBuffer buffer>
Status select(Builder& b, std::string_view) {
  static constexpr std::array<std::string_view, 11> kNames = {
      "payload",    "ipv4.hdr", "ipv6.hdr",  "tcp.hdr", "udp.hdr", "icmpv4.hdr",
      "icmpv6.hdr", "igmp.hdr", "ether.hdr", "ip.src",  "ip.dst"};
  return b.select({std::nullopt, buffer}, kNames[static_cast<std::size_t>(buffer)]);
}

constexpr std::array kKeywords = {
    Keyword{"ipv4.hdr", Value::none, select<PacketBuffer::ipv4_header>},
    Keyword{"ipv6.hdr", Value::none, select<PacketBuffer::ipv6_header>},
    Keyword{"tcp.hdr", Value::none, select<PacketBuffer::tcp_header>},
    Keyword{"udp.hdr", Value::none, select<PacketBuffer::udp_header>},
    Keyword{"icmpv4.hdr", Value::none, select<PacketBuffer::icmpv4_header>},
    Keyword{"icmpv6.hdr", Value::none, select<PacketBuffer::icmpv6_header>},
    Keyword{"igmp.hdr", Value::none, select<PacketBuffer::igmp_header>},
    Keyword{"ether.hdr", Value::none, select<PacketBuffer::ether_header>},
    Keyword{"ip.src", Value::none, select<PacketBuffer::ip_src>},
    Keyword{"ip.dst", Value::none, select<PacketBuffer::ip_dst>},
};

}  // namespace

std::span<const Keyword> packet_buffers() {
  return kKeywords;
}

}  // namespace chieng::suricata::keywords
