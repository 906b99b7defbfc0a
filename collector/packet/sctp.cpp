#include "collector/packet/layers.h"
#include "core/bytes/reader.h"

namespace chieng::collector {
namespace {

enum : std::uint8_t { chunk_data = 0, chunk_init = 1 };
constexpr int kMaxChunks = 64;

// RFC 9260 section 3. The first DATA chunk's user data is the packet's payload.
void read_chunks(Decoded& out, Bytes chunks, std::uint32_t tag) {
  Reader in(chunks);
  int count = 0, data_chunks = 0;
  while (!in.at_end()) {
    if (in.remaining() < 4) return out.event(PacketEvent::sctp_chunk_too_small);
    if (++count > kMaxChunks) return out.event(PacketEvent::sctp_too_many_chunks);
    const std::uint8_t type = in.u8();
    in.skip(1);
    const std::uint16_t length = in.u16();
    if (length < 4 || length - 4u > in.remaining())
      return out.event(PacketEvent::sctp_chunk_len_invalid);
    const Bytes body = in.take(length - 4u);
    const std::size_t padding = (4 - length % 4) % 4;
    in.skip(std::min(padding, in.remaining()));
    if (type == chunk_data) {
      if (tag == 0) out.event(PacketEvent::sctp_data_with_zero_vtag);
      if (data_chunks++ == 0 && body.size() > 12) out.view.payload = body.subspan(12);
    }
    if (type == chunk_init) {
      if (tag != 0) out.event(PacketEvent::sctp_init_with_non_zero_vtag);
      if (count > 1 || !in.at_end()) out.event(PacketEvent::sctp_init_chunk_bundled);
    }
  }
}

}  // namespace

Next decode_sctp(Decoded& out, Bytes bytes) {
  Reader in(bytes);
  const std::uint16_t src_port = in.u16(), dst_port = in.u16();
  const std::uint32_t tag = in.u32();
  in.skip(4);
  if (!in.ok()) return out.stop(PacketEvent::sctp_pkt_too_small);
  PacketView& view = out.view;
  view.has_ports = true;
  view.src_port = src_port, view.dst_port = dst_port;
  view.l4_header = bytes.first(12);
  read_chunks(out, in.rest(), tag);
  return {};
}

}  // namespace chieng::collector
