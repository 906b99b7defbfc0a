// IEEE 802.11 as monitors capture it. Data that are not encrypted are decoded further; of all other
// frames nothing more is told.
#include <algorithm>

#include "collector/packet/decoder.h"
#include "collector/packet/layers.h"
#include "core/bytes/reader.h"

namespace chieng::collector {

// IEEE 802.11-2020 section 9.2, with LLC and SNAP (RFC 1042) in front of the packet.
Next decode_80211(Decoded& out, Bytes bytes) {
  Reader in(bytes);
  const std::uint8_t kind = in.u8(), flags = in.u8();
  if (!in.ok()) return {};
  constexpr std::uint8_t to_ds = 1, from_ds = 2, encrypted = 0x40, order = 0x80;
  const bool data = (kind & 0x0c) == 0x08, quality = (kind & 0x80) != 0, empty = (kind & 0x40) != 0;
  if (!data || empty || (flags & encrypted) != 0) return {};
  in.skip(22);
  if ((flags & (to_ds | from_ds)) == (to_ds | from_ds)) in.skip(6);
  if (quality) {
    const std::uint8_t control = in.u8();
    in.skip(1);
    if ((control & 0x80) != 0) return {};  // several packets in one frame
    if ((flags & order) != 0) in.skip(4);
  }
  const std::uint32_t snap = in.u32();
  const std::uint16_t organisation = in.u16(), type = in.u16();
  if (!in.ok() || snap != 0xaaaa0300 || organisation != 0) return {};
  out.view.ether_type = type;
  return {layer_of_ether_type(type), in.rest()};
}

// https://www.radiotap.org: what the radio says of the frame; its length tells where that ends.
Next decode_radiotap(Decoded&, Bytes bytes) {
  Reader in(bytes);
  in.skip(2);
  const std::uint16_t length = in.u16le();
  if (!in.ok() || length < 8 || length > bytes.size()) return {};
  return {Layer::ieee80211, bytes.subspan(length)};
}

// Prism and AVS headers of older drivers: a length of four bytes after the first four, in the byte
// order of the host; the shorter reading is the right one.
Next decode_prism(Decoded&, Bytes bytes) {
  Reader in(bytes);
  in.skip(4);
  const std::uint32_t read = in.u32();
  const std::uint32_t length = std::min(read, __builtin_bswap32(read));
  if (!in.ok() || length < 8 || length > bytes.size()) return {};
  return {Layer::ieee80211, bytes.subspan(length)};
}

}  // namespace chieng::collector
