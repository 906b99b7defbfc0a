#include "collector/packet/decoder.h"
#include "collector/packet/layers.h"
#include "core/bytes/reader.h"

namespace chieng::collector {

Next decode_vlan(Decoded& out, Bytes bytes) {
  Reader in(bytes);
  const std::uint16_t tag = in.u16();
  const std::uint16_t type = in.u16();
  if (!in.ok()) return out.stop(PacketEvent::vlan_header_too_small);
  PacketView& view = out.view;
  if (view.vlan_count == view.vlan.size()) return out.stop(PacketEvent::vlan_too_many_layers);
  view.vlan[view.vlan_count++] = tag & 0x0fff;
  view.ether_type = type;
  const Layer next = layer_of_ether_type(type);
  if (next == Layer::none) out.event(PacketEvent::vlan_unknown_type);
  return {next, in.rest()};
}

}  // namespace chieng::collector
