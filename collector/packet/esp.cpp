#include "collector/packet/layers.h"

namespace chieng::collector {

Next decode_esp(Decoded& out, Bytes bytes) {
  constexpr std::size_t header = 8;  // SPI and sequence number
  if (bytes.size() < header) return out.stop(PacketEvent::esp_pkt_too_small);
  out.view.l4_header = bytes.first(header);
  out.view.payload = bytes.subspan(header);
  return {};
}

}  // namespace chieng::collector
