#include "collector/protocol/smb/text.h"

#include <algorithm>

namespace chieng::collector::smb {
namespace {

void append_utf8(std::string& out, std::uint32_t c) {
  const auto add = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) {
    add(c);
  } else if (c < 0x800) {
    add(0xc0 | c >> 6), add(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    add(0xe0 | c >> 12), add(0x80 | (c >> 6 & 0x3f)), add(0x80 | (c & 0x3f));
  } else {
    add(0xf0 | c >> 18), add(0x80 | (c >> 12 & 0x3f)), add(0x80 | (c >> 6 & 0x3f)),
        add(0x80 | (c & 0x3f));
  }
}

bool is_high(std::uint32_t c) {
  return c >= 0xd800 && c < 0xdc00;
}
bool is_low(std::uint32_t c) {
  return c >= 0xdc00 && c < 0xe000;
}

}  // namespace

std::string from_utf16(Bytes text) {
  constexpr std::uint32_t kReplacement = 0xfffd;
  std::string out;
  Reader in(text);
  while (in.remaining() >= 2) {
    const std::uint32_t c = in.u16le();
    if (!is_high(c)) {
      append_utf8(out, is_low(c) ? kReplacement : c);
      continue;
    }
    Reader ahead(in.rest());
    const std::uint32_t low = ahead.u16le();
    if (ahead.ok() && is_low(low)) {
      in.skip(2);
      append_utf8(out, 0x10000 + ((c - 0xd800) << 10 | (low - 0xdc00)));
    } else {
      append_utf8(out, kReplacement);
    }
  }
  return out;
}

std::string take_text(Reader& in, bool unicode, std::size_t most) {
  const Bytes rest = in.rest();
  const std::size_t unit = unicode ? 2 : 1;
  std::size_t end = 0;
  const auto is_zero = [&](std::size_t at) {
    return rest[at] == std::byte{0} && (unit == 1 || rest[at + 1] == std::byte{0});
  };
  while (end + unit <= rest.size() && !is_zero(end)) end += unit;
  in.skip(std::min(rest.size(), end + unit));
  const Bytes kept = rest.first(std::min(end, most));
  return unicode ? from_utf16(kept) : std::string(as_text(kept));
}

}  // namespace chieng::collector::smb
