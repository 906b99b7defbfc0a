#include "collector/protocol/dhcp/message.h"

#include <algorithm>

#include "core/bytes/reader.h"

namespace chieng::collector::dhcp {
namespace {

constexpr std::uint32_t kCookie = 0x63825363;

// What each option holds at least.
std::size_t least_size(std::uint8_t code) {
  switch (code) {
    case option::lease_time:
    case option::renewal_time:
    case option::rebinding_time:
      return 4;
    case option::message_type:
      return 1;
    case option::client_id:
      return 1;
    default:
      return 0;
  }
}

void read_options(Reader in, Message& out, bool may_be_cut) {
  while (!in.at_end()) {
    const std::uint8_t code = in.u8();
    if (code == option::pad) continue;
    if (code == option::end) return;
    const std::uint8_t size = in.u8();
    const Bytes data = in.take(size);
    if (!in.ok()) {
      out.truncated = out.truncated || !may_be_cut;
      return;
    }
    if (data.size() < least_size(code))
      out.malformed = true;
    else
      out.options.push_back({code, std::string(as_text(data))});
  }
  out.truncated = out.truncated || !may_be_cut;
}

std::string text(Reader& in, std::size_t n) {
  return std::string(as_text(in.take(n)));
}

}  // namespace

const Option* Message::find(std::uint8_t code) const {
  const auto at = std::ranges::find(options, code, &Option::code);
  return at == options.end() ? nullptr : &*at;
}

std::optional<std::uint32_t> Message::seconds(std::uint8_t code) const {
  const Option* o = find(code);
  if (o == nullptr) return std::nullopt;
  return Reader(as_bytes(o->data)).u32();
}

std::optional<Message> parse(Bytes datagram) {
  Reader in(datagram);
  Message out;
  out.op = in.u8();
  in.skip(1);
  const std::uint8_t mac_size = in.u8();
  in.skip(1);
  out.id = in.u32();
  in.skip(4);
  out.client_ip = text(in, 4);
  out.assigned_ip = text(in, 4);
  out.next_server_ip = text(in, 4);
  out.relay_ip = text(in, 4);
  out.client_mac = text(in, 16);
  const Bytes server_name = in.take(64), file = in.take(128);
  if (in.u32() != kCookie || !in.ok()) return std::nullopt;
  out.client_mac.resize(std::min<std::size_t>(mac_size, 16));
  read_options(Reader(in.rest()), out, false);
  // RFC 2131 section 4.1: the two fields may hold more options, the file first.
  const Option* overload = out.find(option::overload);
  const unsigned where = overload != nullptr && !overload->data.empty()
                             ? static_cast<unsigned char>(overload->data[0])
                             : 0u;
  if ((where & 1) != 0) read_options(Reader(file), out, true);
  if ((where & 2) != 0) read_options(Reader(server_name), out, true);
  return out;
}

}  // namespace chieng::collector::dhcp
