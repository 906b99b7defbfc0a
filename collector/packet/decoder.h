// Turns frames into decoded packets: one function a header, joined by one table.
#pragma once

#include "collector/capture/frame.h"
#include "collector/packet/decoded.h"

namespace chieng::collector {

// Decodes from the link header on. out is overwritten; its views point into the frame's bytes.
void decode_frame(const Frame& frame, std::uint64_t number, bool checksums, Decoded& out);
// Decodes a packet that was put together from fragments; carrier is the last of them.
void decode_inner(const PacketView& carrier, Layer layer, Bytes bytes, bool checksums,
                  Decoded& out);
// Decodes the packet that came inside another. carrier has to outlive out.
void decode_tunnel(const PacketView& carrier, const Tunnel& tunnel, bool checksums, Decoded& out);

[[nodiscard]] Layer layer_of_ether_type(std::uint16_t type);
[[nodiscard]] Layer layer_of_ip_protocol(std::uint8_t proto);

}  // namespace chieng::collector
