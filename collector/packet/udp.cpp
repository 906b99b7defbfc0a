#include "collector/packet/checksum.h"
#include "collector/packet/layers.h"
#include "core/bytes/reader.h"

namespace chieng::collector {

Next decode_udp(Decoded& out, Bytes bytes) {
  Reader in(bytes);
  const std::uint16_t src_port = in.u16(), dst_port = in.u16(), length = in.u16(),
                      checksum = in.u16();
  if (!in.ok()) return out.stop(PacketEvent::udp_hlen_too_small);
  if (length < 8) return out.stop(PacketEvent::udp_len_invalid);
  if (length > bytes.size()) return out.stop(PacketEvent::udp_pkt_too_small);

  PacketView& view = out.view;
  view.has_ports = true;
  view.src_port = src_port, view.dst_port = dst_port;
  view.l4_header = bytes.first(8);
  view.payload = bytes.subspan(8, length - 8u);
  // 0: the sender made none
  if (out.validate && checksum != 0)
    view.l4_checksum = transport_checksum(view, ip_proto::udp, bytes.first(length));
  look_into_udp(out);
  return {};
}

}  // namespace chieng::collector
