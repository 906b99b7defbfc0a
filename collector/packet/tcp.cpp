#include "collector/packet/checksum.h"
#include "collector/packet/layers.h"
#include "core/bytes/reader.h"

namespace chieng::collector {
namespace {

// RFC 9293 section 3.1, RFC 7323, RFC 7413
enum : std::uint8_t {
  opt_end = 0,
  opt_nop = 1,
  opt_mss = 2,
  opt_scale = 3,
  opt_sack_ok = 4,
  opt_sack = 5,
  opt_timestamp = 8,
  opt_auth = 29,
  opt_fast_open = 34,
  opt_experiment = 254
};

bool right_length(std::uint8_t type, std::uint8_t length) {
  switch (type) {
    case opt_mss:
      return length == 4;
    case opt_scale:
      return length == 3;
    case opt_sack_ok:
      return length == 2;
    case opt_sack:
      return (length - 2) % 8 == 0;  // some stacks send an empty one
    case opt_timestamp:
      return length == 10;
    case opt_auth:  // RFC 5925 section 2.2
      return length >= 4;
    case opt_fast_open:
      return length == 2 || (length >= 6 && length <= 18 && length % 2 == 0);
    default:
      return true;
  }
}

void take_option(Decoded& out, std::uint8_t type, Bytes value) {
  Reader in(value);
  TcpOptions& tcp = out.tcp;
  if (type == opt_scale) {
    if (tcp.has_window_scale) out.event(PacketEvent::tcp_opt_duplicate);
    tcp.has_window_scale = true;
    tcp.window_scale = std::min<std::uint8_t>(in.u8(), 14);
  } else if (type == opt_timestamp) {
    if (tcp.has_timestamp) out.event(PacketEvent::tcp_opt_duplicate);
    tcp.has_timestamp = true;
    tcp.timestamp = in.u32();
    tcp.timestamp_echo = in.u32();
  } else if (type == opt_fast_open) {
    tcp.fast_open = true;
  } else if (type == opt_experiment) {
    constexpr std::uint16_t fast_open_id = 0xf989;  // RFC 7413 section 4.1.1, before 34 was given
    if (in.u16() == fast_open_id && in.ok()) tcp.fast_open = true;
  }
}

void read_options(Decoded& out, Bytes options) {
  Reader in(options);
  unsigned seen = 0;
  while (!in.at_end()) {
    const std::uint8_t type = in.u8();
    if (type == opt_end) return;
    if (type == opt_nop) continue;
    const std::uint8_t length = in.u8();
    if (!in.ok() || length < 2 || length - 2u > in.remaining())
      return out.event(PacketEvent::tcp_opt_invalid_len);
    const Bytes value = in.take(length - 2u);
    if (!right_length(type, length)) {
      out.event(PacketEvent::tcp_opt_invalid_len);
      continue;
    }
    if (type == opt_mss || type == opt_sack_ok || type == opt_sack) {
      const unsigned bit = 1u << type;
      if ((seen & bit) != 0) out.event(PacketEvent::tcp_opt_duplicate);
      seen |= bit;
    }
    take_option(out, type, value);
  }
}

}  // namespace

Next decode_tcp(Decoded& out, Bytes bytes) {
  Reader in(bytes);
  const std::uint16_t src_port = in.u16(), dst_port = in.u16();
  const std::uint32_t seq = in.u32(), ack = in.u32();
  const std::uint8_t offset = in.u8(), flags = in.u8();
  const std::uint16_t window = in.u16();
  in.skip(4);
  if (!in.ok()) return out.stop(PacketEvent::tcp_pkt_too_small);
  const std::size_t header_size = static_cast<std::size_t>(offset >> 4) * 4;
  if (header_size < 20) return out.stop(PacketEvent::tcp_invalid_optlen);
  if (header_size > bytes.size()) return out.stop(PacketEvent::tcp_hlen_too_small);

  PacketView& view = out.view;
  view.has_ports = true;
  view.src_port = src_port, view.dst_port = dst_port;
  view.tcp_seq = seq, view.tcp_ack = ack, view.tcp_flags = flags, view.tcp_window = window;
  view.l4_header = bytes.first(header_size);
  view.payload = bytes.subspan(header_size);
  if (header_size > 20) read_options(out, bytes.subspan(20, header_size - 20));
  if (out.validate) view.l4_checksum = transport_checksum(view, ip_proto::tcp, bytes);
  return {};
}

}  // namespace chieng::collector
