#include "collector/protocol/rdp/messages.h"

#include <algorithm>

#include "collector/protocol/asn1/ber.h"
#include "core/bytes/reader.h"

namespace chieng::collector::rdp {
namespace {

constexpr std::size_t kTpkt = 4, kConnectHead = 7;  // of X.224: length, code, two names, class
constexpr std::uint8_t kRequest = 0xe0, kConfirm = 0xd0, kData = 0xf0;
constexpr std::uint8_t kNegotiation = 1, kNegotiated = 2, kRefused = 3, kNegotiationSize = 8;
constexpr std::uint8_t kMcs = 0x7f, kInitial = 0x65, kResponse = 0x66;
constexpr std::size_t kMostCertificates = 10;

// Negotiation structures: type, flags, length 8, a value. The last eight bytes.
struct Negotiation {
  std::uint8_t type = 0, flags = 0;
  std::uint32_t value = 0;
};
std::optional<Negotiation> read_negotiation(Reader in) {
  Negotiation out;
  out.type = in.u8();
  out.flags = in.u8();
  const std::uint16_t size = in.u16le();
  out.value = in.u32le();
  if (!in.ok() || size != kNegotiationSize) return std::nullopt;
  return out;
}

// UTF-16LE up to its end; what is not ASCII becomes a question mark.
std::string narrow(Bytes text) {
  std::string out;
  Reader in(text);
  while (in.remaining() >= 2) {
    const std::uint16_t c = in.u16le();
    if (c == 0) break;
    out += c < 0x80 ? static_cast<char>(c) : '?';
  }
  return out;
}

std::uint16_t depth_of(std::uint16_t code) {
  constexpr std::uint16_t kFirst = 0xca00;
  constexpr std::uint16_t kDepths[] = {4, 8, 15, 16, 24};
  const unsigned at = code - unsigned{kFirst};
  return at < std::size(kDepths) ? kDepths[at] : std::uint16_t{0};
}
bool is_depth(std::uint16_t bits) {
  return bits == 4 || bits == 8 || bits == 15 || bits == 16 || bits == 24;
}

// TS_UD_CS_CORE, 2.2.1.3.2: from the colour depth on fields are optional; one that makes no sense
// ends them.
void read_later(Reader in, ClientCore& out) {
  constexpr std::uint16_t kKnownCapabilities = 0x7ff, kKnownDepths = 0xf;
  constexpr std::size_t kId = 64;
  const std::uint16_t beta = in.u16le();
  if (!in.ok() || depth_of(beta) == 0) return;
  out.color_depth = depth_of(beta);
  const std::uint16_t product = in.u16le();
  if (in.ok()) out.product_id = product;
  const std::uint32_t serial = in.u32le();
  if (in.ok()) out.serial = serial;
  const std::uint16_t high = in.u16le();
  if (!in.ok() || !is_depth(high)) return;
  out.color_depth = high;
  const std::uint16_t depths = in.u16le(), capabilities = in.u16le();
  if (!in.ok() || depths > kKnownDepths || capabilities > kKnownCapabilities) return;
  out.capabilities = capabilities;
  out.id = narrow(in.take(kId));
  const std::uint8_t hint = in.u8();
  in.skip(1 + 4);
  if (!in.ok()) return;
  out.connection_hint = hint;
  const std::uint32_t width = in.u32le(), height = in.u32le();
  const std::uint16_t orientation = in.u16le();
  const std::uint32_t scale = in.u32le(), device_scale = in.u32le();
  if (!in.ok()) return;
  out.physical_width = width;
  out.physical_height = height;
  out.orientation = orientation;
  out.scale = scale;
  out.device_scale = device_scale;
}

std::optional<ClientCore> read_core(Reader in) {
  constexpr std::size_t kName = 32, kInputMethod = 64;
  ClientCore out;
  out.version = in.u32le();
  out.width = in.u16le();
  out.height = in.u16le();
  out.color_depth = depth_of(in.u16le());
  in.skip(2);
  out.keyboard_layout = in.u32le();
  out.build = in.u32le();
  out.name = narrow(in.take(kName));
  out.keyboard_type = in.u32le();
  out.keyboard_subtype = in.u32le();
  out.function_keys = in.u32le();
  in.skip(kInputMethod);
  if (!in.ok()) return std::nullopt;
  read_later(in, out);
  return out;
}

void read_channels(Reader in, ConnectRequest& out) {
  constexpr std::size_t kName = 8;
  const std::uint32_t count = in.u32le();
  for (std::uint32_t i = 0; i < count && out.channels.size() < ConnectRequest::kMostChannels; ++i) {
    const std::string_view name = as_text(in.take(kName));
    in.skip(4);
    if (!in.ok()) return;
    out.channels.emplace_back(name.substr(0, name.find('\0')));
  }
}

// The user data of a GCC conference create request: T.124, in aligned PER behind the key "Duca".
Bytes user_data(Bytes packet) {
  constexpr std::string_view kKey = "Duca";
  const auto at = as_text(packet).find(kKey);
  if (at == std::string_view::npos) return {};
  Reader in(packet.subspan(at + kKey.size()));
  const std::uint8_t first = in.u8();
  const std::size_t length = (first & 0x80) != 0 ? (first & 0x7fu) << 8 | in.u8() : first;
  return in.take(std::min(length, in.remaining()));
}

std::optional<std::string> serial_of(Bytes certificate) {
  asn1::BerReader outer(certificate);
  const auto whole = outer.expect(asn1::tag::sequence);
  if (!whole) return std::nullopt;
  asn1::BerReader inner(whole->content);
  const auto body = inner.expect(asn1::tag::sequence);
  if (!body) return std::nullopt;
  asn1::BerReader fields(body->content);
  if (const auto version = fields.peek(); version && version->is_context(0)) (void)fields.next();
  const auto serial = fields.expect(asn1::tag::integer);
  if (!serial) return std::nullopt;
  constexpr std::size_t kMost = 64;
  Bytes digits = serial->content.first(std::min(kMost, serial->content.size()));
  while (digits.size() > 1 && digits[0] == std::byte{0}) digits = digits.subspan(1);
  return to_hex(digits);
}

}  // namespace

MessageKind kind_of(Bytes packet) {
  Reader in(packet);
  in.skip(kTpkt + 1);
  const std::uint8_t code = in.u8();
  if (!in.ok()) return MessageKind::none;
  if ((code & 0xf0) == kRequest) return MessageKind::request;
  if ((code & 0xf0) == kConfirm) return MessageKind::confirm;
  if (code != kData) return MessageKind::none;
  in.skip(1);
  if (in.u8() != kMcs) return MessageKind::none;
  const std::uint8_t tag = in.u8();
  if (!in.ok()) return MessageKind::none;
  return tag == kInitial    ? MessageKind::connect_initial
         : tag == kResponse ? MessageKind::connect_response
                            : MessageKind::none;
}

std::optional<ConnectionRequest> read_request(Bytes packet) {
  constexpr std::string_view kCookie = "Cookie: ", kUser = "mstshash=";
  if (packet.size() < kTpkt + kConnectHead) return std::nullopt;
  ConnectionRequest out;
  Bytes rest = packet.subspan(kTpkt + kConnectHead);
  std::string_view text = as_text(rest);
  if (text.starts_with(kCookie)) {
    const std::size_t end = text.find("\r\n");
    if (end == std::string_view::npos) return out;
    text = text.substr(kCookie.size(), end - kCookie.size());
    if (text.starts_with(kUser)) out.cookie = text.substr(kUser.size());
    rest = rest.subspan(end + 2);
  }
  const auto negotiation = read_negotiation(Reader(rest));
  if (!negotiation || negotiation->type != kNegotiation) return out;
  out.flags = negotiation->flags;
  out.protocols = negotiation->value;
  return out;
}

std::optional<ConnectionConfirm> read_confirm(Bytes packet) {
  if (packet.size() < kTpkt + kConnectHead) return std::nullopt;
  ConnectionConfirm out;
  const auto negotiation = read_negotiation(Reader(packet.subspan(kTpkt + kConnectHead)));
  if (!negotiation) return out;
  if (negotiation->type == kNegotiated) {
    out.flags = negotiation->flags;
    out.protocol = negotiation->value;
  } else if (negotiation->type == kRefused) {
    out.failure = negotiation->value;
  }
  return out;
}

ConnectRequest read_connect(Bytes packet) {
  constexpr std::uint16_t kCore = 0xc001, kNetwork = 0xc003, kBlockHead = 4;
  ConnectRequest out;
  Reader in(user_data(packet));
  while (in.remaining() >= kBlockHead) {
    const std::uint16_t type = in.u16le(), size = in.u16le();
    if (size < kBlockHead) break;
    const Reader block(in.take(std::min<std::size_t>(size - kBlockHead, in.remaining())));
    if (type == kCore) out.core = read_core(block);
    if (type == kNetwork) read_channels(block, out);
  }
  return out;
}

// RFC 5246 section 7.4.2
std::vector<std::string> certificate_serials(Bytes body) {
  std::vector<std::string> out;
  Reader in(body);
  Reader list = in.sub(in.u24());
  while (list.ok() && !list.at_end() && out.size() < kMostCertificates) {
    const std::uint32_t size = list.u24();
    const Bytes certificate = list.take(size);
    if (!list.ok()) break;
    if (auto serial = serial_of(certificate)) out.push_back(std::move(*serial));
  }
  return out;
}

}  // namespace chieng::collector::rdp
