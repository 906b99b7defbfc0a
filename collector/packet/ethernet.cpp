#include "collector/packet/decoder.h"
#include "collector/packet/layers.h"
#include "core/bytes/reader.h"

namespace chieng::collector {

Next decode_ethernet(Decoded& out, Bytes bytes) {
  Reader in(bytes);
  const Bytes header = in.take(14);
  if (!in.ok()) return out.stop(PacketEvent::ethernet_pkt_too_small);
  out.view.ethernet = header;
  const std::uint16_t type = Reader(header.subspan(12)).u16();
  out.view.ether_type = type;
  const Layer next = layer_of_ether_type(type);
  if (next == Layer::none) out.event(PacketEvent::ethernet_unknown_ethertype);
  return {next, in.rest()};
}

}  // namespace chieng::collector
