#include "collector/packet/layers.h"
#include "core/bytes/reader.h"

namespace chieng::collector {

Next decode_arp(Decoded& out, Bytes bytes) {
  Reader in(bytes);
  const std::uint16_t hardware = in.u16(), protocol = in.u16();
  const std::uint8_t hardware_size = in.u8(), protocol_size = in.u8();
  const std::uint16_t opcode = in.u16();
  if (!in.ok()) return out.stop(PacketEvent::arp_pkt_too_small);
  if (hardware != 1) return out.stop(PacketEvent::arp_unsupported_hardware);
  if (protocol != 0x0800) return out.stop(PacketEvent::arp_unsupported_protocol);
  if (hardware_size != 6) return out.stop(PacketEvent::arp_invalid_hardware_size);
  if (protocol_size != 4) return out.stop(PacketEvent::arp_invalid_protocol_size);
  if (in.remaining() < 20) return out.stop(PacketEvent::arp_invalid_pkt);
  if (opcode == 0 || opcode > 10) return out.stop(PacketEvent::arp_unsupported_opcode);
  out.view.arp = bytes.first(28);
  return {};
}

}  // namespace chieng::collector
