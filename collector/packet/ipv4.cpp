#include <cstdint>

#include "collector/packet/checksum.h"
#include "collector/packet/decoder.h"
#include "collector/packet/layers.h"
#include "core/bytes/reader.h"

namespace chieng::collector {
namespace {

enum : std::uint8_t {
  opt_eol = 0,
  opt_nop = 1,
  opt_rr = 7,
  opt_ts = 68,
  opt_sec = 130,
  opt_lsrr = 131,
  opt_esec = 133,
  opt_cipso = 134,
  opt_sid = 136,
  opt_ssrr = 137,
  opt_rtralt = 148
};

// The shortest length that each known option may have; 0: unknown.
std::uint8_t least_length(std::uint8_t type) {
  switch (type) {
    case opt_rr:
    case opt_lsrr:
    case opt_ssrr:
    case opt_esec:
      return 3;
    case opt_ts:
      return 5;
    case opt_sec:
      return 3;
    case opt_cipso:
      return 8;
    case opt_sid:
    case opt_rtralt:
      return 4;
    default:
      return 0;
  }
}

bool has_fixed_length(std::uint8_t type) {
  return type == opt_sid || type == opt_rtralt;
}

// RFC 791 section 3.1. Anomalies only: rules read the options from the header's bytes.
void check_options(Decoded& out, Bytes options) {
  if (options.size() % 8 != 0) out.event(PacketEvent::ipv4_opt_pad_required);
  std::uint64_t seen[4]{};
  Reader in(options);
  while (!in.at_end()) {
    const std::uint8_t type = in.u8();
    if (type == opt_eol) return;
    if (type == opt_nop) continue;
    if (in.at_end()) return out.event(PacketEvent::ipv4_opt_eol_required);
    const std::uint8_t length = in.u8();
    if (length < 2 || length - 2u > in.remaining())
      return out.event(PacketEvent::ipv4_opt_invalid_len);
    in.skip(length - 2u);
    const std::uint64_t bit = std::uint64_t{1} << (type & 63);
    if ((seen[type >> 6] & bit) != 0) out.event(PacketEvent::ipv4_opt_duplicate);
    seen[type >> 6] |= bit;
    const std::uint8_t least = least_length(type);
    if (least == 0)
      out.event(PacketEvent::ipv4_opt_invalid);
    else if (length < least || (has_fixed_length(type) && length != least))
      out.event(PacketEvent::ipv4_opt_invalid_len);
  }
}

Next fragment(Decoded& out, Bytes header, Bytes data) {
  PacketView& view = out.view;
  view.is_fragment = true;
  Fragment& f = out.fragment;
  f.data = data;
  f.header = header;
  f.id = view.ip_id;
  f.offset = std::uint32_t{view.fragment_offset} * 8;
  f.more = (view.ip_flags & 1) != 0;
  f.next_header = view.proto;
  f.next_header_at = 9;
  if (f.offset + data.size() > 65'535) out.event(PacketEvent::ipv4_frag_pkt_too_large);
  return {};
}

}  // namespace

Next decode_ipv4(Decoded& out, Bytes bytes) {
  Reader in(bytes);
  const std::uint8_t first = in.u8();
  const std::uint8_t tos = in.u8();
  const std::uint16_t total = in.u16(), id = in.u16(), flags = in.u16();
  const std::uint8_t ttl = in.u8(), proto = in.u8();
  in.skip(2);
  const Bytes src = in.take(4), dst = in.take(4);
  if (!in.ok()) return out.stop(PacketEvent::ipv4_pkt_too_small);
  if (first >> 4 != 4) return out.stop(PacketEvent::ipv4_wrong_ip_version);
  const std::size_t header_size = std::size_t{first & 15u} * 4;
  if (header_size < 20) return out.stop(PacketEvent::ipv4_hlen_too_small);
  if (total < header_size) return out.stop(PacketEvent::ipv4_iplen_smaller_than_hlen);
  if (bytes.size() < total) return out.stop(PacketEvent::ipv4_trunc_pkt);

  PacketView& view = out.view;
  view.ip_version = 4;
  view.ip_header = bytes.first(header_size);
  view.src = IpAddress::from_bytes(src);
  view.dst = IpAddress::from_bytes(dst);
  view.tos = tos, view.ttl = ttl, view.proto = proto, view.ip_id = id;
  view.ip_flags = static_cast<std::uint8_t>(flags >> 13);
  view.fragment_offset = flags & 0x1fff;
  if (header_size > 20) check_options(out, view.ip_header.subspan(20));
  if (out.validate) {
    InternetChecksum sum;
    sum.add(view.ip_header);
    view.ip_checksum = sum.finish() == 0 ? ChecksumState::valid : ChecksumState::invalid;
  }
  const Bytes data = bytes.subspan(header_size, total - header_size);
  if (view.fragment_offset != 0 || (view.ip_flags & 1) != 0)
    return fragment(out, view.ip_header, data);
  if (proto == ip_proto::icmpv6) {
    out.event(PacketEvent::ipv4_icmpv6);
    return {};
  }
  const Layer next = layer_of_ip_protocol(proto);
  if (next == Layer::none) out.event(PacketEvent::ipv4_unknown_protocol);
  return {next, data};
}

}  // namespace chieng::collector
