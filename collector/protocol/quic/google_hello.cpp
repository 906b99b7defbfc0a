#include "collector/protocol/quic/google_hello.h"

#include "core/bytes/reader.h"

namespace chieng::collector::quic {

std::optional<GoogleHello> parse_google_hello(Bytes message) {
  Reader in(message);
  if (as_text(in.take(4)) != "CHLO") return std::nullopt;
  const std::uint16_t count = in.u16le();
  in.skip(2);
  if (!in.ok() || count > kMaxTags) return std::nullopt;
  Reader index = in.sub(std::size_t{count} * 8);
  GoogleHello out;
  std::uint32_t begin = 0;
  for (unsigned i = 0; i < count; ++i) {
    std::string_view tag = as_text(index.take(4));
    const std::uint32_t end = index.u32le();
    if (!index.ok() || end < begin) return std::nullopt;
    const std::string_view value = as_text(in.take(end - begin));
    if (!in.ok()) return std::nullopt;
    begin = end;
    while (tag.ends_with('\0')) tag.remove_suffix(1);
    if (tag == "SNI") out.sni = value;
    if (tag == "UAID") out.user_agent = value;
    out.tags.emplace_back(tag);
  }
  return out;
}

std::string cyu_text(std::uint32_t version, const GoogleHello& hello) {
  std::string out;
  switch (version) {
    case 0x51303433:
      out = "43,";
      break;
    case 0x51303434:
    case 0x51303435:
      out = "44,";  // there is no form for Q045: tools write the one before
      break;
    case 0x51303436:
      out = "46,";
      break;
    default:
      return out;
  }
  for (std::size_t i = 0; i < hello.tags.size(); ++i) out += (i > 0 ? "-" : "") + hello.tags[i];
  return out;
}

}  // namespace chieng::collector::quic
