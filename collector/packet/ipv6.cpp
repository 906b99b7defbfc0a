#include <cstdint>
#include <optional>

#include "collector/packet/decoder.h"
#include "collector/packet/layers.h"
#include "core/bytes/reader.h"

namespace chieng::collector {
namespace {

enum : std::uint8_t {
  hop_options = 0,
  routing = 43,
  fragment_header = 44,
  authentication = 51,
  no_next = 59,
  destination_options = 60,
  mobility = 135,
  hip = 139,
  shim6 = 140
};
constexpr std::size_t kHeader = 40;

struct Chain {  // of extension headers
  Bytes packet;
  std::size_t at = kHeader;       // of the next header
  std::size_t previous_next = 6;  // where the previous header names it
  std::uint8_t next = 0;
  unsigned hop = 0, dest = 0, route = 0, frag = 0, auth = 0;
};

// RFC 8200 section 4.2: options of a hop-by-hop or destination header.
void check_options(Decoded& out, Bytes options, bool hop_by_hop) {
  Reader in(options);
  bool other = false, any = false;
  while (!in.at_end()) {
    const std::uint8_t type = in.u8();
    any = true;
    if (type == 0) continue;
    const std::uint8_t length = in.u8();
    in.skip(length);
    if (!in.ok()) return out.event(PacketEvent::ipv6_exthdr_invalid_optlen);
    if (type == 1) {
      if (length == 0) out.event(PacketEvent::ipv6_zero_len_padn);
      continue;
    }
    other = true;
    const bool bad_length = (type == 5 && length != 2) || (type == 0xc2 && length != 4) ||
                            (type == 0xc9 && length != 16);
    if (bad_length) out.event(PacketEvent::ipv6_exthdr_invalid_optlen);
    if (type != 5 && type != 0xc2 && type != 0xc9)
      out.event(hop_by_hop ? PacketEvent::ipv6_hopopts_unknown_opt
                           : PacketEvent::ipv6_dstopts_unknown_opt);
  }
  if (any && !other)
    out.event(hop_by_hop ? PacketEvent::ipv6_hopopts_only_padding
                         : PacketEvent::ipv6_dstopts_only_padding);
}

// Notes repeated headers (RFC 8200 section 4.1) and what is wrong inside.
void check_extension(Decoded& out, Chain& chain, Bytes header) {
  switch (chain.next) {
    case hop_options:
      if (chain.hop++ > 0) out.event(PacketEvent::ipv6_exthdr_dupl_hh);
      check_options(out, header.subspan(2), true);
      break;
    case destination_options:
      if (chain.dest++ > 1) out.event(PacketEvent::ipv6_exthdr_dupl_dh);
      check_options(out, header.subspan(2), false);
      break;
    case routing:
      if (chain.route++ > 0) out.event(PacketEvent::ipv6_exthdr_dupl_rh);
      if (std::to_integer<int>(header[2]) == 0) out.event(PacketEvent::ipv6_rh_type_0);
      break;
    case authentication:
      if (chain.auth++ > 0) out.event(PacketEvent::ipv6_exthdr_dupl_ah);
      if (std::to_integer<int>(header[2]) != 0 || std::to_integer<int>(header[3]) != 0)
        out.event(PacketEvent::ipv6_exthdr_ah_res_not_null);
      break;
    default:
      break;
  }
}

bool is_extension(std::uint8_t next) {
  return next == hop_options || next == routing || next == authentication ||
         next == destination_options || next == mobility || next == hip || next == shim6;
}

// Steps over one extension header. False: it does not fit into the packet.
bool step(Decoded& out, Chain& chain) {
  Reader in(chain.packet.subspan(chain.at));
  const std::uint8_t next = in.u8(), length = in.u8();
  const std::size_t size =
      chain.next == authentication ? (std::size_t{length} + 2) * 4 : (std::size_t{length} + 1) * 8;
  if (!in.ok() || size < 8 || chain.packet.size() - chain.at < size) {
    out.event(PacketEvent::ipv6_trunc_exthdr);
    return false;
  }
  check_extension(out, chain, chain.packet.subspan(chain.at, size));
  chain.previous_next = chain.at;
  chain.at += size;
  chain.next = next;
  return true;
}

// The fragment header; true where the packet is a fragment that has to wait for others.
std::optional<bool> step_fragment(Decoded& out, Chain& chain) {
  Reader in(chain.packet.subspan(chain.at));
  const std::uint8_t next = in.u8(), reserved = in.u8();
  const std::uint16_t offset = in.u16();
  const std::uint32_t id = in.u32();
  if (!in.ok()) {
    out.event(PacketEvent::ipv6_trunc_exthdr);
    return std::nullopt;
  }
  if (chain.frag++ > 0) out.event(PacketEvent::ipv6_exthdr_dupl_fh);
  if (reserved != 0 || (offset & 6) != 0) out.event(PacketEvent::ipv6_fh_non_zero_reserved_field);
  const bool more = (offset & 1) != 0;
  PacketView& view = out.view;
  view.fragment_offset = offset >> 3;
  view.ip_flags = more ? 1 : 0;
  const std::size_t after = chain.at + 8;
  if (!more && view.fragment_offset == 0) {
    out.event(PacketEvent::ipv6_exthdr_useless_fh);
    if (chain.packet.size() < after + 2) {
      out.event(PacketEvent::ipv6_trunc_exthdr);
      view.proto = fragment_header;
      return std::nullopt;
    }
    chain.previous_next = chain.at;
    chain.at = after, chain.next = next;
    return false;
  }
  Fragment& f = out.fragment;
  f.data = chain.packet.subspan(after);
  f.header = chain.packet.first(chain.at);
  f.id = id;
  f.offset = std::uint32_t{view.fragment_offset} * 8;
  f.more = more;
  f.next_header = next;
  f.next_header_at = chain.previous_next;
  view.is_fragment = true;
  view.proto = next;
  if (more && f.data.size() % 8 != 0) out.event(PacketEvent::ipv6_frag_invalid_length);
  if (f.offset + f.data.size() > 65'535) out.event(PacketEvent::ipv6_frag_pkt_too_large);
  return true;
}

Next upper_layer(Decoded& out, Chain& chain) {
  PacketView& view = out.view;
  view.proto = chain.next;
  view.ip_header = chain.packet.first(chain.at);
  const Bytes data = chain.packet.subspan(chain.at);
  if (chain.next == no_next) {
    if (!data.empty()) out.event(PacketEvent::ipv6_data_after_none_header);
    return {};
  }
  if (chain.next == ip_proto::icmp) {
    out.event(PacketEvent::ipv6_icmpv4);
    return {};
  }
  const Layer next = layer_of_ip_protocol(chain.next);
  if (next == Layer::none) out.event(PacketEvent::ipv6_unknown_next_header);
  return {next, data};
}

}  // namespace

Next decode_ipv6(Decoded& out, Bytes bytes) {
  Reader in(bytes);
  const std::uint32_t first = in.u32();
  const std::uint16_t length = in.u16();
  const std::uint8_t next = in.u8(), hop_limit = in.u8();
  const Bytes src = in.take(16), dst = in.take(16);
  if (!in.ok()) return out.stop(PacketEvent::ipv6_pkt_too_small);
  if (first >> 28 != 6) return out.stop(PacketEvent::ipv6_wrong_ip_version);
  // 0 is a jumbogram (RFC 2675): all there is.
  const std::size_t total = length == 0 ? bytes.size() : kHeader + length;
  if (bytes.size() < total) return out.stop(PacketEvent::ipv6_trunc_pkt);

  PacketView& view = out.view;
  view.ip_version = 6;
  view.src = IpAddress::from_bytes(src);
  view.dst = IpAddress::from_bytes(dst);
  view.tos = static_cast<std::uint8_t>(first >> 20);
  view.ttl = hop_limit;
  Chain chain{bytes.first(total)};
  chain.next = next;
  view.ip_header = chain.packet.first(kHeader);
  view.proto = next;
  for (;;) {  // every header is at least 8 bytes of the packet
    if (chain.next == fragment_header) {
      const std::optional<bool> waits = step_fragment(out, chain);
      if (!waits) out.invalid = true;
      if (!waits || *waits) return {};
      continue;
    }
    if (!is_extension(chain.next)) return upper_layer(out, chain);
    if (!step(out, chain)) {
      out.invalid = true;
      return {};
    }
  }
}

}  // namespace chieng::collector
