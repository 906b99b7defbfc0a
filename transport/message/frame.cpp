#include "transport/message/frame.h"

#include "core/bytes/reader.h"
#include "core/hash/crc32c.h"
#include "transport/spool/little.h"
#include "transport/spool/zstd.h"

namespace chieng {
namespace {

constexpr std::uint16_t kFrameMagic = 0xc6e9;
constexpr std::uint16_t kFlagZstd = 1;

bool known(std::uint8_t type) {
  return (type >= 1 && type <= 7) || type == 9 || type == 10 || (type >= 16 && type <= 18);
}

}  // namespace

std::string encode_frame(const Frame& f, bool pack) {
  std::string packed;
  if (pack)
    if (auto out = zstd_compress(as_bytes(f.body)); out && out->size() < f.body.size())
      packed = std::move(*out);
  const std::string& body = packed.empty() ? f.body : packed;
  std::string out;
  out.reserve(kFrameHeaderBytes + body.size());
  put_le(out, kFrameMagic);
  put_le(out, kProtocolVersion);
  put_le(out, static_cast<std::uint8_t>(f.type));
  put_le(out, static_cast<std::uint16_t>(packed.empty() ? 0 : kFlagZstd));
  put_le(out, static_cast<std::uint8_t>(f.lane));
  put_le(out, static_cast<std::uint8_t>(kFrameHeaderBytes));
  put_le(out, f.session);
  put_le(out, f.epoch);
  put_le(out, f.sequence);
  put_le(out, f.count);
  put_le(out, f.spool);
  put_le(out, static_cast<std::uint32_t>(body.size()));
  put_le(out, crc32c(as_bytes(body)));
  put_le(out, crc32c(as_bytes(out)));
  out += body;
  return out;
}

Result<Frame> decode_frame(Bytes bytes) {
  Reader in(bytes);
  if (in.u16le() != kFrameMagic) return fail(ErrorCode::parse, "not a frame");
  const std::uint8_t version = in.u8(), type = in.u8();
  const std::uint16_t flags = in.u16le();
  const std::uint8_t lane = in.u8(), header_bytes = in.u8();
  Frame out;
  out.session = in.u64le();
  out.epoch = in.u64le();
  out.sequence = in.u64le();
  out.count = in.u16le();
  out.spool = in.u16le();
  const std::uint32_t body_bytes = in.u32le(), body_crc = in.u32le(), header_crc = in.u32le();
  if (!in.ok()) return fail(ErrorCode::parse, "frame cut short");
  if (header_crc != crc32c(bytes.first(kFrameHeaderBytes - 4)))
    return fail(ErrorCode::corrupt, "the frame header's checksum does not match");
  if (version != kProtocolVersion)
    return fail(ErrorCode::unsupported, "frame of protocol version " + std::to_string(version));
  if (header_bytes != kFrameHeaderBytes || lane >= kEventClasses || (flags & ~kFlagZstd) != 0 ||
      !known(type))
    return fail(ErrorCode::parse, "frame header has a value outside of the protocol");
  if (in.remaining() != body_bytes)
    return fail(ErrorCode::parse, "the frame's length does not match");
  const Bytes body = in.rest();
  if (crc32c(body) != body_crc)
    return fail(ErrorCode::corrupt, "the frame body's checksum does not match");
  out.type = static_cast<FrameType>(type);
  out.lane = static_cast<EventClass>(lane);
  if ((flags & kFlagZstd) == 0) {
    if (body.size() > kMaxDecodedBody) return fail(ErrorCode::limit, "frame body too large");
    out.body = as_text(body);
    return out;
  }
  CHIENG_TRY(out.body, zstd_decompress(body, kMaxDecodedBody));
  return out;
}

}  // namespace chieng
