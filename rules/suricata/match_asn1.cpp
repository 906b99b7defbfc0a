// asn1: BER (X.690, section 8) walked through value by value; a constructed one is entered.
#include "core/bytes/reader.h"
#include "rules/suricata/match.h"

namespace chieng::suricata {
namespace {

constexpr unsigned kMostValues = 1024;
constexpr std::uint8_t kBitString = 3, kReal = 9;

struct Head {
  std::uint8_t tag = 0;  // number, of the universal class
  bool constructed = false, universal = false;
  std::uint64_t length = 0;
};

bool read_head(Reader& in, Head& out) {
  constexpr std::uint8_t kLongTag = 0x1f, kMore = 0x80;
  const std::uint8_t identifier = in.u8();
  out = {static_cast<std::uint8_t>(identifier & kLongTag), (identifier & 0x20) != 0,
         (identifier & 0xc0) == 0, 0};
  if (out.tag == kLongTag) {
    out.universal = false;
    while (in.ok() && (in.u8() & kMore) != 0) {
    }
  }
  const std::uint8_t first = in.u8();
  if ((first & kMore) == 0) {
    out.length = first;
    return in.ok();
  }
  const unsigned bytes = first & 0x7fu;
  if (bytes > 8) return false;
  for (unsigned i = 0; i < bytes; ++i) out.length = out.length << 8 | in.u8();
  out.constructed = out.constructed || bytes == 0;  // of no length that is said
  return in.ok();
}

// A bit string with more unused bits than it has, a decimal number too long for what reads it.
bool overflows(const Head& head, Reader content, const Asn1Check& check) {
  constexpr std::uint64_t kLongestReal = 256;
  if (!head.universal || head.constructed || head.length == 0) return false;
  const std::uint8_t first = content.u8();
  if (!content.ok()) return false;
  if (check.bit_string && head.tag == kBitString && first >> 3 > head.length) return true;
  return check.real && head.tag == kReal && (first & 0xc0) == 0 && head.length > kLongestReal;
}

}  // namespace

bool asn1_matches(Bytes data, const Asn1Check& check) {
  Reader in(data);
  Head head;
  for (unsigned i = 0; i < kMostValues && !in.at_end() && read_head(in, head); ++i) {
    if (check.longest && head.length > *check.longest) return true;
    if (overflows(head, in, check)) return true;
    if (!head.constructed) in.skip(static_cast<std::size_t>(head.length));
  }
  return false;
}

}  // namespace chieng::suricata
