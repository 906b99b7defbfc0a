#include "tests/fuzz/mangle/links.h"

#include <algorithm>

namespace chieng::mangle {
namespace {

constexpr std::uint16_t kIpv4 = 0x0800, kIpv6 = 0x86dd;
constexpr int kLinks[] = {1,  12,  101, 228, 229, 0,   108, 113, 276, 9,   50,
                          51, 104, 105, 109, 119, 127, 163, 166, 204, 219, 239};

void put16(Buffer& out, std::size_t at, std::size_t value) {
  if (at + 2 > out.size()) return;
  out[at] = static_cast<std::uint8_t>(value >> 8);
  out[at + 1] = static_cast<std::uint8_t>(value);
}

std::uint16_t type_of_version(const Buffer& bytes) {
  return !bytes.empty() && bytes[0] >> 4 == 6 ? kIpv6 : kIpv4;
}

std::uint8_t high(std::uint16_t v) {
  return static_cast<std::uint8_t>(v >> 8);
}
std::uint8_t low(std::uint16_t v) {
  return static_cast<std::uint8_t>(v);
}

Buffer header(const Packet& packet, int link) {
  const std::uint8_t h = high(packet.ether_type), l = low(packet.ether_type);
  const bool six = packet.ether_type == kIpv6;
  const std::uint8_t family = six ? 10 : 2, ppp = six ? 0x57 : 0x21;
  const Buffer wireless{8, 0, 0, 0, 2, 0, 0, 0, 0,    1,    2, 0, 0, 0, 0, 2,
                        2, 0, 0, 0, 0, 3, 0, 0, 0xaa, 0xaa, 3, 0, 0, 0, h, l};
  const auto with_radio = [&wireless](Buffer radio, std::size_t length) {
    radio.resize(length);
    radio.insert(radio.end(), wireless.begin(), wireless.end());
    return radio;
  };
  switch (link) {
    case 1:
      return {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, h, l};
    case 0:
      return {family, 0, 0, 0};
    case 108:
      return {0, 0, 0, family};
    case 113:
      return {0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, h, l};
    case 276:
      return {h, l, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0};
    case 9:
    case 50:
      return {0xff, 3, 0, ppp};
    case 51:
      return {0x11,
              0,
              0,
              1,
              high(static_cast<std::uint16_t>(packet.bytes.size() + 2)),
              low(static_cast<std::uint16_t>(packet.bytes.size() + 2)),
              0,
              ppp};
    case 104:
      return {0x0f, 0, h, l};
    case 105:
      return wireless;
    case 109:
      return {family, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0};
    case 119:
    case 163:
      return with_radio({0, 0, 0, 0x44, 0, 0, 0, 64}, 64);
    case 127:
      return with_radio({0, 0, 8, 0}, 8);
    case 166:
    case 204:
      return {0, 0xff, 3, 0, ppp};
    case 219:
      return {0, 0, 0x11, 64};
    case 239:
      return {family,
              0,
              0,
              0,
              low(static_cast<std::uint16_t>(packet.bytes.size() + 4)),
              high(static_cast<std::uint16_t>(packet.bytes.size() + 4)),
              9,
              0};
    default:
      return {};  // the packet alone
  }
}

}  // namespace

std::span<const int> link_types() {
  return kLinks;
}

std::optional<Packet> unwrap(const collector::Frame& frame) {
  const auto* first = reinterpret_cast<const std::uint8_t*>(frame.bytes.data());
  const Buffer all(first, first + frame.bytes.size());
  const auto after = [&all](std::size_t n, std::size_t type_at) -> std::optional<Packet> {
    if (all.size() < n) return std::nullopt;
    Packet out{0, Buffer(all.begin() + static_cast<std::ptrdiff_t>(n), all.end())};
    out.ether_type = type_at == 0
                         ? type_of_version(out.bytes)
                         : static_cast<std::uint16_t>(all[type_at] << 8 | all[type_at + 1]);
    return out;
  };
  switch (frame.link_type) {
    case 1:
      return after(14, 12);
    case 0:
    case 108:
      return after(4, 0);
    case 113:
      return after(16, 14);
    case 12:
    case 101:
    case 228:
    case 229:
      return after(0, 0);
    default:
      return std::nullopt;
  }
}

Buffer wrap(const Packet& packet, int link_type) {
  Buffer out = header(packet, link_type);
  out.insert(out.end(), packet.bytes.begin(), packet.bytes.end());
  return out;
}

void mend_lengths(Packet& packet) {
  Buffer& b = packet.bytes;
  constexpr std::uint8_t udp = 17;
  if (packet.ether_type == kIpv4 && b.size() >= 20) {
    put16(b, 2, std::min<std::size_t>(b.size(), 0xffff));
    const std::size_t head = (b[0] & 15u) * 4u;
    if (b[9] == udp && head + 6 <= b.size()) put16(b, head + 4, b.size() - head);
  } else if (packet.ether_type == kIpv6 && b.size() >= 40) {
    put16(b, 4, std::min<std::size_t>(b.size() - 40, 0xffff));
    if (b[6] == udp) put16(b, 44, b.size() - 40);
  }
}

}  // namespace chieng::mangle
