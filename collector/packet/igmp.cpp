#include "collector/packet/checksum.h"
#include "collector/packet/layers.h"
#include "core/bytes/reader.h"

namespace chieng::collector {

Next decode_igmp(Decoded& out, Bytes bytes) {
  Reader in(bytes);
  const std::uint8_t type = in.u8();
  in.skip(7);
  if (!in.ok()) return out.stop(PacketEvent::igmp_pkt_too_small);
  constexpr std::uint8_t query = 0x11, report_v3 = 0x22;
  if (out.validate) {
    InternetChecksum sum;
    sum.add(bytes);
    out.view.l4_checksum = sum.finish() == 0 ? ChecksumState::valid : ChecksumState::invalid;
  }
  std::size_t header = 8;
  if (type == query && bytes.size() >= 12) header = 12;  // version 3 has longer queries
  if (type == report_v3 && bytes.size() < 8) return out.stop(PacketEvent::igmp_v3_pkt_too_small);
  out.view.l4_header = bytes.first(header);
  out.view.payload = bytes.subspan(header);
  return {};
}

}  // namespace chieng::collector
