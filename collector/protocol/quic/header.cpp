#include "collector/protocol/quic/header.h"

#include <fmt/core.h>

#include "collector/protocol/quic/varint.h"

namespace chieng::collector::quic {
namespace {

constexpr std::size_t kMaxId = 20;
constexpr std::size_t kHash = 12;  // in front of the frames of Google's unencrypted packets

constexpr std::uint32_t google_version(unsigned number) {
  return 0x51303030 + (number / 10 << 8) + number % 10;
}

std::optional<Header> finish_google(Header out, Reader in) {
  in.skip(kHash);
  if (!in.ok()) return std::nullopt;
  out.kind = Kind::google;
  out.size = in.position();
  out.length = in.remaining();
  return out;
}

// Up to Q043: flags, connection id, version, number. Only packets that name their version.
std::optional<Header> parse_public(Bytes data) {
  Reader in(data);
  const std::uint8_t flags = in.u8();
  if ((flags & 0xc3) != 0x01) return std::nullopt;  // a version, no reset, no multipath
  Header out;
  if ((flags & 0x08) != 0) out.destination = in.take(8);
  out.version = in.u32();
  if (out.version < google_version(20) || out.version > google_version(43)) return std::nullopt;
  constexpr std::size_t kNumberSizes[] = {1, 2, 4, 6};
  in.skip(kNumberSizes[flags >> 4 & 3]);
  return finish_google(out, in);
}

// Q044 to Q046: like an early draft; both lengths of ids in one byte.
std::optional<Header> parse_nibbles(std::uint8_t flags, Header out, Reader in) {
  const std::uint8_t lengths = in.u8();
  const auto id = [&](unsigned nibble) { return in.take(nibble == 0 ? 0 : nibble + 3); };
  out.destination = id(lengths >> 4);
  out.source = id(lengths & 15);
  const bool initial =
      out.version == google_version(46) ? (flags & 0x30) == 0 : (flags & 0x7f) == 0x7f;
  if (!initial) {
    out.kind = Kind::handshake;
    out.size = in.position();
    out.length = in.remaining();
    return in.ok() ? std::optional(out) : std::nullopt;
  }
  in.skip(out.version == google_version(46) ? (flags & 3u) + 1 : 4);
  return finish_google(out, in);
}

Kind kind_of(std::uint8_t flags, std::uint32_t version) {
  unsigned type = flags >> 4 & 3;
  if (version == kVersion2) type = (type + 3) % 4;  // RFC 9369 turns the four round by one
  constexpr Kind kKinds[] = {Kind::initial, Kind::zero_rtt, Kind::handshake, Kind::retry};
  return kKinds[type];
}

}  // namespace

bool is_google(std::uint32_t version) {
  return version >> 16 == 0x5130;
}

bool is_known(std::uint32_t version) {
  return version == 1 || version == kVersion2 || (version >= 0xff000016 && version <= 0xff000022) ||
         version == google_version(44) || version == google_version(45) ||
         version == google_version(46) || version == google_version(50) || version == 0x54303530 ||
         version == 0x54303531;
}

std::string version_text(std::uint32_t version) {
  if (version == kVersion2) return "v2";
  for (const unsigned n : {39u, 43u, 44u, 45u, 46u})
    if (version == google_version(n)) return fmt::format("Q0{}", n);
  return fmt::format("{:x}", version);
}

std::optional<Header> parse_header(Bytes data) {
  Reader in(data);
  const std::uint8_t flags = in.u8();
  if (!in.ok()) return std::nullopt;
  if ((flags & 0x80) == 0) return parse_public(data);
  Header out;
  out.version = in.u32();
  if (out.version >= google_version(44) && out.version <= google_version(46))
    return parse_nibbles(flags, out, in);
  const std::uint8_t destination = in.u8();
  out.destination = in.take(destination);
  const std::uint8_t source = in.u8();
  out.source = in.take(source);
  if (!in.ok() || destination > kMaxId || source > kMaxId) return std::nullopt;
  out.kind = out.version == 0 ? Kind::negotiation : kind_of(flags, out.version);
  if (out.kind == Kind::negotiation || out.kind == Kind::retry) {
    out.size = data.size();  // both fill the datagram
    return out;
  }
  if ((flags & 0x40) == 0) return std::nullopt;
  if (out.kind == Kind::initial) in.skip(static_cast<std::size_t>(varint(in)));  // token
  const std::uint64_t length = varint(in);
  if (!in.ok() || length > in.remaining()) return std::nullopt;
  out.size = in.position();
  out.length = static_cast<std::size_t>(length);
  return out;
}

}  // namespace chieng::collector::quic
