#include "collector/protocol/quic/frames.h"

#include "collector/protocol/quic/varint.h"

namespace chieng::collector::quic {
namespace {

constexpr std::size_t kMostFrames = 1024;  // a datagram of padding is one run

void skip_varints(Reader& in, std::uint64_t count) {
  for (; count > 0 && in.ok(); --count) (void)varint(in);
}

void skip_ack(Reader& in, bool counts) {
  skip_varints(in, 2);  // largest, delay
  const std::uint64_t ranges = varint(in);
  skip_varints(in, 1);
  for (std::uint64_t i = 0; i < ranges && in.ok(); ++i) skip_varints(in, 2);
  if (counts) skip_varints(in, 3);
}

void skip_close(Reader& in, bool of_transport) {
  skip_varints(in, of_transport ? 2 : 1);
  in.skip(static_cast<std::size_t>(varint(in)));
}

std::uint64_t number(Reader& in, unsigned bytes) {
  std::uint64_t out = 0;
  for (; bytes > 0; --bytes) out = out << 8 | in.u8();
  return out;
}

}  // namespace

std::optional<std::vector<Piece>> crypto_frames(Bytes frames) {
  std::vector<Piece> out;
  Reader in(frames);
  for (std::size_t n = 0; !in.at_end() && n < kMostFrames; ++n) {
    while (in.peek() == 0) in.skip(1);
    if (in.at_end()) break;
    switch (const std::uint64_t type = varint(in)) {
      case 0x01:  // PING
        break;
      case 0x02:
      case 0x03:
        skip_ack(in, type == 3);
        break;
      case 0x06: {
        const std::uint64_t offset = varint(in);
        const Bytes data = in.take(static_cast<std::size_t>(varint(in)));
        if (in.ok()) out.push_back({offset, data});
        break;
      }
      case 0x1c:
      case 0x1d:
        skip_close(in, type == 0x1c);
        break;
      default:
        return out;
    }
    if (!in.ok()) return std::nullopt;
  }
  return out;
}

std::optional<std::vector<Piece>> stream_frames(Bytes frames) {
  std::vector<Piece> out;
  Reader in(frames);
  while (!in.at_end() && out.size() < kMostFrames) {
    while (in.peek() == 0) in.skip(1);
    if (in.at_end()) break;
    const std::uint8_t type = in.u8();  // 1fdooossB
    if ((type & 0x80) == 0) return out;
    in.skip((type & 3u) + 1);  // stream id
    const unsigned offset_code = type >> 2 & 7;
    const std::uint64_t offset = number(in, offset_code == 0 ? 0 : offset_code + 1);
    const std::size_t length = (type & 0x20) != 0 ? in.u16() : in.remaining();
    const Bytes data = in.take(length);
    if (!in.ok()) return std::nullopt;
    out.push_back({offset, data});
  }
  return out;
}

}  // namespace chieng::collector::quic
