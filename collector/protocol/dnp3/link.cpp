#include "collector/protocol/dnp3/link.h"

#include <algorithm>
#include <array>

#include "core/bytes/reader.h"

namespace chieng::collector::dnp3 {
namespace {

// x^16 + x^13 + x^12 + x^11 + x^10 + x^8 + x^6 + x^5 + x^2 + 1, reflected.
constexpr auto kTable = [] {
  std::array<std::uint16_t, 256> out{};
  for (unsigned i = 0; i < 256; ++i) {
    unsigned c = i;
    for (int bit = 0; bit < 8; ++bit) c = (c & 1) != 0 ? c >> 1 ^ 0xA6BC : c >> 1;
    out[i] = static_cast<std::uint16_t>(c);
  }
  return out;
}();

}  // namespace

std::uint16_t crc(Bytes data) {
  unsigned c = 0;
  for (const std::byte b : data) c = c >> 8 ^ kTable[(c ^ std::to_integer<unsigned>(b)) & 0xff];
  return static_cast<std::uint16_t>(~c);
}

LinkHeader read_header(Bytes frame) {
  Reader in(frame);
  in.skip(2);
  LinkHeader out;
  out.length = in.u8();
  out.control = in.u8();
  out.dst = in.u16le();
  out.src = in.u16le();
  return out;
}

bool header_crc_ok(Bytes frame) {
  Reader in(frame);
  const Bytes header = in.take(LinkHeader::kSize - 2);
  return in.u16le() == crc(header) && in.ok();
}

bool append_user_data(Bytes frame, const LinkHeader& header, std::string& out) {
  Reader in(frame);
  in.skip(LinkHeader::kSize);
  for (std::size_t left = header.user_size(); left > 0;) {
    const Bytes block = in.take(std::min<std::size_t>(left, 16));
    if (in.u16le() != crc(block) || !in.ok()) return false;
    out += as_text(block);
    left -= block.size();
  }
  return true;
}

}  // namespace chieng::collector::dnp3
