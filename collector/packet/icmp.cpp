#include "collector/packet/checksum.h"
#include "collector/packet/layers.h"
#include "core/bytes/reader.h"

namespace chieng::collector {
namespace {

enum : std::uint8_t {
  echo_reply = 0,
  unreachable = 3,
  quench = 4,
  redirect = 5,
  echo = 8,
  router_advert = 9,
  router_solicit = 10,
  time_exceeded = 11,
  parameter_problem = 12,
  timestamp = 13,
  timestamp_reply = 14,
  info_request = 15,
  info_reply = 16,
  mask_request = 17,
  mask_reply = 18
};

bool known_type(std::uint8_t type) {
  return type == echo_reply || (type >= unreachable && type <= redirect) ||
         (type >= echo && type <= mask_reply);
}

std::uint8_t largest_code(std::uint8_t type) {
  switch (type) {
    case unreachable:
      return 15;
    case redirect:
      return 3;
    case router_advert:
      return 16;
    case time_exceeded:
      return 1;
    case parameter_problem:
      return 2;
    default:
      return 0;
  }
}

std::size_t header_size(std::uint8_t type) {
  if (type == timestamp || type == timestamp_reply) return 20;
  if (type == mask_request || type == mask_reply) return 12;
  return 8;
}

bool quotes_packet(std::uint8_t type) {
  return type == unreachable || type == quench || type == redirect || type == time_exceeded ||
         type == parameter_problem;
}

// RFC 792: the header of the packet in question and at least 8 bytes of what follows.
void read_quoted(Decoded& out, Bytes bytes) {
  Reader in(bytes);
  const std::uint8_t first = in.u8();
  const std::size_t size = std::size_t{first & 15u} * 4;
  if (size < 20 || bytes.size() < size + 4) return;
  const std::uint8_t proto = Reader(bytes.subspan(9)).u8();
  if (proto != ip_proto::tcp && proto != ip_proto::udp) return;
  Reader ports(bytes.subspan(size));
  Quoted& q = out.quoted;
  q.src = IpAddress::from_bytes(bytes.subspan(12, 4));
  q.dst = IpAddress::from_bytes(bytes.subspan(16, 4));
  q.src_port = ports.u16(), q.dst_port = ports.u16();
  q.proto = proto;
}

}  // namespace

Next decode_icmp(Decoded& out, Bytes bytes) {
  Reader in(bytes);
  const std::uint8_t type = in.u8(), code = in.u8();
  in.skip(6);
  if (!in.ok()) return out.stop(PacketEvent::icmpv4_pkt_too_small);
  PacketView& view = out.view;
  view.has_icmp = true;
  view.icmp_type = type, view.icmp_code = code;
  const std::size_t header = std::min(header_size(type), bytes.size());
  view.l4_header = bytes.first(header);
  view.payload = bytes.subspan(header);
  if (out.validate) {
    InternetChecksum sum;
    sum.add(bytes);
    view.l4_checksum = sum.finish() == 0 ? ChecksumState::valid : ChecksumState::invalid;
  }
  if (!known_type(type))
    out.event(PacketEvent::icmpv4_unknown_type);
  else if (code > largest_code(type))
    out.event(PacketEvent::icmpv4_unknown_code);
  out.icmp_error = quotes_packet(type);
  if (type == unreachable && code <= largest_code(type)) read_quoted(out, view.payload);
  if (out.icmp_error && !view.payload.empty()) {
    if (std::to_integer<unsigned>(view.payload[0]) >> 4 != 4)
      out.event(PacketEvent::icmpv4_ipv4_unknown_ver);
    else if (view.payload.size() < 20)
      out.event(PacketEvent::icmpv4_ipv4_trunc_pkt);
  }
  return {};
}

}  // namespace chieng::collector
