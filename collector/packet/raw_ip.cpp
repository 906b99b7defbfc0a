#include "collector/packet/layers.h"
#include "core/bytes/reader.h"

namespace chieng::collector {

Next decode_raw_ip(Decoded& out, Bytes bytes) {
  if (bytes.empty()) return out.stop(PacketEvent::ipv4_pkt_too_small);
  const unsigned version = std::to_integer<unsigned>(bytes[0]) >> 4;
  if (version == 4) return {Layer::ipv4, bytes};
  if (version == 6) return {Layer::ipv6, bytes};
  return out.stop(PacketEvent::ipraw_invalid_ip_version);
}

// Four bytes of address family in the byte order of the host that captured.
Next decode_null_loopback(Decoded& out, Bytes bytes) {
  Reader in(bytes);
  std::uint32_t family = in.u32le();
  if (!in.ok()) return out.stop(PacketEvent::ltnull_pkt_too_small);
  if (family > 0xffff) family = __builtin_bswap32(family);
  switch (family) {
    case 2:
      return {Layer::ipv4, in.rest()};
    case 10:  // Linux
    case 24:  // NetBSD, OpenBSD
    case 28:  // FreeBSD
    case 30:  // macOS
      return {Layer::ipv6, in.rest()};
    default:
      return out.stop(PacketEvent::ltnull_unsupported_type);
  }
}

}  // namespace chieng::collector
