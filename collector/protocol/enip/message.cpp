#include "collector/protocol/enip/message.h"

#include <algorithm>

#include "core/bytes/reader.h"

namespace chieng::collector::enip {
namespace {

constexpr std::uint16_t kConnectedData = 0xb1, kUnconnectedData = 0xb2, kServicesItem = 0x100,
                        kIdentityItem = 0x0c;
constexpr std::size_t kMostItems = 64, kMostServices = 64;
constexpr std::uint8_t kMultiple = 0x0a;

// A path of 16-bit words. Segments that are none of the logical ones end it.
bool read_path(Reader in, std::vector<Segment>& out) {
  while (!in.at_end()) {
    const std::uint8_t type = in.u8();
    if ((type & 0xe0) != 0x20) return true;
    Segment s{static_cast<std::uint8_t>(type & 0xfc), 0};
    switch (type & 3) {
      case 0:
        s.value = in.u8();
        break;
      case 1:
        in.skip(1);
        s.value = in.u16le();
        break;
      case 2:
        in.skip(1);
        s.value = in.u32le();
        break;
      default:
        return false;
    }
    if (!in.ok()) return false;
    out.push_back(s);
  }
  return true;
}

bool read_cip(Bytes bytes, Cip& out, bool nested);

// Offsets are from the count on.
bool read_multiple(Bytes data, Cip& out) {
  Reader in(data);
  const std::uint16_t count = in.u16le();
  std::vector<std::size_t> offsets;
  for (std::uint16_t i = 0; i < count && i < kMostServices; ++i) offsets.push_back(in.u16le());
  if (!in.ok()) return false;
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    const std::size_t end = i + 1 < offsets.size() ? offsets[i + 1] : data.size();
    if (offsets[i] > end || end > data.size()) return false;
    Cip one;
    if (!read_cip(data.subspan(offsets[i], end - offsets[i]), one, true)) return false;
    out.multiple.push_back(std::move(one));
  }
  return true;
}

bool read_cip(Bytes bytes, Cip& out, bool nested) {
  Reader in(bytes);
  out.service = in.u8();
  if (out.is_response()) {
    in.skip(1);
    out.status = in.u8();
    const std::size_t words = in.u8();
    out.status_extended = to_hex(in.take(words * 2));
  } else {
    const std::size_t words = in.u8();
    if (!read_path(in.sub(words * 2), out.path)) return false;
  }
  if (!in.ok()) return false;
  if (out.code() != kMultiple || nested) return true;
  if (out.is_response() && in.at_end()) return true;  // refused as a whole
  return read_multiple(in.rest(), out);
}

bool read_services(Reader in, Message& m) {
  Services s;
  s.protocol_version = in.u16le();
  s.capabilities = in.u16le();
  s.name = as_text(in.rest());
  m.services = std::move(s);
  return in.ok();
}

bool read_identity(Reader in, Message& m) {
  Identity i;
  i.protocol_version = in.u16le();
  in.skip(16);  // socket address
  i.vendor = in.u16le();
  i.device_type = in.u16le();
  i.product_code = in.u16le();
  i.major = in.u8();
  i.minor = in.u8();
  i.status = in.u16le();
  i.serial = in.u32le();
  i.product_name = as_text(in.take(in.u8()));
  i.state = in.u8();
  m.identity = std::move(i);
  return in.ok();
}

// The common packet format: items of a type and a length.
bool read_items(Reader& in, Message& m) {
  const std::uint16_t count = in.u16le();
  if (!in.ok() || count > kMostItems) return false;
  for (std::uint16_t i = 0; i < count; ++i) {
    const std::uint16_t type = in.u16le(), length = in.u16le();
    Reader item = in.sub(length);
    if (!in.ok()) return false;
    if (type == kServicesItem && !read_services(item, m)) return false;
    if (type == kIdentityItem && !read_identity(item, m)) return false;
    if (type != kConnectedData && type != kUnconnectedData) continue;
    if (type == kConnectedData) item.skip(2);  // sequence
    Cip cip;
    if (!item.ok() || !read_cip(item.rest(), cip, false)) return false;
    m.cip = std::move(cip);
  }
  return true;
}

}  // namespace

const Segment* Cip::find(std::uint8_t type) const {
  const auto at = std::ranges::find(path, type, &Segment::type);
  return at == path.end() ? nullptr : &*at;
}

Message read_header(Bytes bytes) {
  Reader in(bytes);
  Message out;
  out.command = in.u16le();
  out.length = in.u16le();
  out.session = in.u32le();
  out.status = in.u32le();
  return out;
}

bool plausible(const Message& h, Bytes bytes) {
  Reader in(bytes);
  in.skip(20);
  static constexpr std::uint16_t known[] = {command::nop,
                                            command::list_services,
                                            command::list_identity,
                                            command::list_interfaces,
                                            command::register_session,
                                            command::unregister_session,
                                            command::send_rr_data,
                                            command::send_unit_data,
                                            command::indicate_status,
                                            command::cancel};
  return in.u32le() == 0 && in.ok() && std::ranges::find(known, h.command) != std::end(known) &&
         h.status <= 0x6a && h.length <= 4096;
}

void read_body(Message& m, Bytes body) {
  Reader in(body);
  switch (m.command) {
    case command::register_session: {
      Session s;
      s.protocol_version = in.u16le();
      s.options = in.u16le();
      if (in.ok()) m.registration = s;
      break;
    }
    case command::send_rr_data:
    case command::send_unit_data:
      if (body.empty() && m.status != 0) return;
      in.skip(6);  // interface and timeout
      m.malformed = !in.ok() || !read_items(in, m);
      return;
    case command::list_services:
    case command::list_identity:
    case command::list_interfaces:
      if (body.empty()) return;  // a request
      m.malformed = !read_items(in, m);
      return;
    default:
      return;
  }
  m.malformed = !in.ok();
}

}  // namespace chieng::collector::enip
