#include "collector/packet/decoder.h"
#include "collector/packet/layers.h"
#include "core/bytes/reader.h"

namespace chieng::collector {

// https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html
Next decode_cooked(Decoded& out, Bytes bytes) {
  Reader in(bytes);
  in.skip(14);
  const std::uint16_t type = in.u16();
  if (!in.ok()) return out.stop(PacketEvent::sll_pkt_too_small);
  out.view.ether_type = type;
  return {layer_of_ether_type(type), in.rest()};
}

// https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html
Next decode_cooked2(Decoded& out, Bytes bytes) {
  Reader in(bytes);
  const std::uint16_t type = in.u16();
  in.skip(18);
  if (!in.ok()) return out.stop(PacketEvent::sll2_pkt_too_small);
  out.view.ether_type = type;
  return {layer_of_ether_type(type), in.rest()};
}

}  // namespace chieng::collector
