#include "collector/protocol/dcerpc/pdu.h"

namespace chieng::collector::dcerpc {
namespace {

constexpr std::array<std::string_view, 21> kNames = {
    "REQUEST",   "PING",     "RESPONSE",      "FAULT",
    "WORKING",   "NOCALL",   "REJECT",        "ACK",
    "CL_CANCEL", "FACK",     "CANCEL_ACK",    "BIND",
    "BINDACK",   "BINDNAK",  "ALTER_CONTEXT", "ALTER_CONTEXT_RESP",
    "AUTH3",     "SHUTDOWN", "CO_CANCEL",     "ORPHANED",
    "RTS"};

}  // namespace

std::string_view to_string(PduType type) {
  const auto n = static_cast<std::size_t>(type);
  return n < kNames.size() ? kNames[n] : "UNKNOWN";
}

bool is_from_client(PduType type) {
  using enum PduType;
  return type == request || type == bind || type == alter_context || type == auth3 ||
         type == co_cancel || type == orphaned || type == rts;
}

bool is_from_server(PduType type) {
  using enum PduType;
  return type == response || type == fault || type == bind_ack || type == bind_nak ||
         type == alter_context_response || type == shutdown || type == rts;
}

std::string to_string(const Uuid& uuid) {
  const std::string hex = to_hex(as_bytes(uuid.data(), uuid.size()));
  std::string out;
  for (std::size_t i = 0; i < hex.size(); ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) out += '-';
    out += hex[i];
  }
  return out;
}

Uuid OrderedReader::uuid() {
  Uuid out{};
  const std::uint32_t low = u32();
  const std::uint16_t mid = u16(), high = u16();
  for (unsigned i = 0; i < 4; ++i) out[i] = static_cast<std::uint8_t>(low >> (24 - 8 * i));
  out[4] = static_cast<std::uint8_t>(mid >> 8), out[5] = static_cast<std::uint8_t>(mid);
  out[6] = static_cast<std::uint8_t>(high >> 8), out[7] = static_cast<std::uint8_t>(high);
  const Bytes node = in_.take(8);
  for (std::size_t i = 0; i < node.size(); ++i) out[8 + i] = std::to_integer<std::uint8_t>(node[i]);
  return out;
}

std::optional<Header> read_header(Bytes data) {
  if (data.size() < Header::kSize || !may_be_header(data)) return std::nullopt;
  Header out;
  out.minor_version = std::to_integer<std::uint8_t>(data[1]);
  out.type = static_cast<PduType>(data[2]);
  out.flags = std::to_integer<std::uint8_t>(data[3]);
  out.little = std::to_integer<unsigned>(data[4]) >> 4 == 1;
  OrderedReader in(data, out.little);
  in.skip(8);
  out.length = in.u16();
  out.auth_length = in.u16();
  out.call_id = in.u32();
  if (out.length < Header::kSize || out.auth_length > out.length - Header::kSize)
    return std::nullopt;
  return out;
}

bool may_be_header(Bytes data) {
  const auto at = [&](std::size_t i) { return std::to_integer<unsigned>(data[i]); };
  return !(data.size() > 0 && at(0) != 5) && !(data.size() > 1 && at(1) > 1) &&
         !(data.size() > 2 && at(2) >= kNames.size()) &&
         !(data.size() > 4 && (at(4) & 0xee) != 0) && !(data.size() > 5 && at(5) > 3);
}

std::vector<Interface> read_bind(const Header& header, Bytes pdu) {
  OrderedReader in(pdu, header.little);
  in.skip(Header::kSize + 8);  // fragment sizes, association group
  const unsigned count = in.u8();
  in.skip(3);
  std::vector<Interface> out;
  for (unsigned i = 0; i < count && in.ok(); ++i) {
    Interface item;
    item.first_fragment = header.is_first();
    item.context = in.u16();
    const unsigned syntaxes = in.u8();
    in.skip(1);
    item.uuid = in.uuid();
    item.version = in.u16();
    item.version_minor = in.u16();
    in.skip(std::size_t{20} * syntaxes);
    if (in.ok()) out.push_back(item);
  }
  return out;
}

std::vector<Acknowledgement> read_bind_ack(const Header& header, Bytes pdu) {
  OrderedReader in(pdu, header.little);
  in.skip(Header::kSize + 8);
  in.skip(in.u16());  // secondary address
  in.skip((4 - in.position() % 4) % 4);
  const unsigned count = in.u8();
  in.skip(3);
  std::vector<Acknowledgement> out;
  for (unsigned i = 0; i < count && in.ok(); ++i) {
    Acknowledgement item;
    item.result = in.u16();
    item.reason = in.u16();
    in.skip(20);
    if (in.ok()) out.push_back(item);
  }
  return out;
}

std::optional<Fragment> read_fragment(const Header& header, Bytes pdu) {
  OrderedReader in(pdu, header.little);
  in.skip(Header::kSize);
  Fragment out;
  const Bytes body = in.rest();
  in.skip(4);  // allocation hint
  out.context = in.u16();
  out.opnum = in.u16();  // a response: cancel count and a byte of padding
  if (!in.ok()) return std::nullopt;
  out.stub = header.type == PduType::request ? in.rest() : body;
  return out;
}

}  // namespace chieng::collector::dcerpc
