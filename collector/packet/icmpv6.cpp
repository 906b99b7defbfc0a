#include "collector/packet/checksum.h"
#include "collector/packet/layers.h"
#include "core/bytes/reader.h"

namespace chieng::collector {
namespace {

// RFC 4443, RFC 4861, RFC 2710
enum : std::uint8_t {
  unreachable = 1,
  too_big = 2,
  time_exceeded = 3,
  parameter_problem = 4,
  echo = 128,
  echo_reply = 129,
  mld_query = 130,
  mld_report = 131,
  mld_done = 132,
  last_assigned = 161
};

std::uint8_t largest_code(std::uint8_t type) {
  switch (type) {
    case unreachable:
      return 7;
    case time_exceeded:
      return 1;
    case parameter_problem:
      return 3;
    case 138:
      return 255;  // router renumbering
    case 139:      // node information
    case 140:
      return 2;
    default:
      return 0;
  }
}

void check(Decoded& out, std::uint8_t type, std::uint8_t code) {
  const bool experimental =
      type == 100 || type == 101 || type == 127 || type == 200 || type == 201 || type == 255;
  if (experimental) return out.event(PacketEvent::icmpv6_experimentation_type);
  if (type == 0 || (type > parameter_problem && type < echo) || type > last_assigned)
    return out.event(type >= echo ? PacketEvent::icmpv6_unassigned_type
                                  : PacketEvent::icmpv6_unknown_type);
  if (code > largest_code(type)) out.event(PacketEvent::icmpv6_unknown_code);
  if (type >= mld_query && type <= mld_done && out.view.ttl != 1)
    out.event(PacketEvent::icmpv6_mld_message_with_invalid_hl);
}

}  // namespace

Next decode_icmpv6(Decoded& out, Bytes bytes) {
  Reader in(bytes);
  const std::uint8_t type = in.u8(), code = in.u8();
  in.skip(6);
  if (!in.ok()) return out.stop(PacketEvent::icmpv6_pkt_too_small);
  PacketView& view = out.view;
  view.has_icmp = true;
  view.icmp_type = type, view.icmp_code = code;
  // Errors and echoes have a header of eight bytes; of others the message begins after the
  // checksum.
  const bool full =
      (type >= unreachable && type <= parameter_problem) || type == echo || type == echo_reply;
  const std::size_t header = full ? 8 : 4;
  view.l4_header = bytes.first(header);
  view.payload = bytes.subspan(header);
  if (out.validate) view.l4_checksum = transport_checksum(view, ip_proto::icmpv6, bytes);
  check(out, type, code);
  if (type >= unreachable && type <= parameter_problem && !view.payload.empty()) {
    if (std::to_integer<unsigned>(view.payload[0]) >> 4 != 6)
      out.event(PacketEvent::icmpv6_ipv6_unknown_version);
    else if (view.payload.size() < 40)
      out.event(PacketEvent::icmpv6_ipv6_trunc_pkt);
  }
  return {};
}

}  // namespace chieng::collector
