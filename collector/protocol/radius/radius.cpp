#include "collector/protocol/radius/radius.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/bytes/reader.h"

namespace chieng::collector {
namespace radius {
namespace {

constexpr std::uint16_t kPorts[] = {1812, 1813, 1645, 1646, 3799};
constexpr std::size_t kHeaderSize = 20, kMostSize = 4096;

constexpr NamedValue kCodes[] = {{"access_request", 1},
                                 {"access_accept", 2},
                                 {"access_reject", 3},
                                 {"accounting_request", 4},
                                 {"accounting_response", 5},
                                 {"access_challenge", 11},
                                 {"status_server", 12},
                                 {"status_client", 13},
                                 {"disconnect_request", 40},
                                 {"disconnect_ack", 41},
                                 {"disconnect_nak", 42},
                                 {"coa_request", 43},
                                 {"coa_ack", 44},
                                 {"coa_nak", 45}};

// Attributes that are shown; passwords are not among them.
enum class Form : std::uint8_t { text, address, number };
struct Attribute {
  std::uint8_t type;
  std::string_view name;
  Form form;
};
constexpr Attribute kAttributes[] = {{1, "user_name", Form::text},
                                     {4, "nas_ip_address", Form::address},
                                     {5, "nas_port", Form::number},
                                     {6, "service_type", Form::number},
                                     {8, "framed_ip_address", Form::address},
                                     {18, "reply_message", Form::text},
                                     {30, "called_station_id", Form::text},
                                     {31, "calling_station_id", Form::text},
                                     {32, "nas_identifier", Form::text},
                                     {40, "acct_status_type", Form::number},
                                     {44, "acct_session_id", Form::text},
                                     {61, "nas_port_type", Form::number},
                                     {87, "nas_port_id", Form::text}};

std::string_view code_name(std::uint8_t code) {
  const auto at = std::ranges::find(kCodes, code, &NamedValue::value);
  return at == std::end(kCodes) ? std::string_view{} : at->name;
}

// Section 3: code, identifier, length, authenticator; then attributes that fill the length.
bool valid(Bytes datagram) {
  Reader in(datagram);
  const std::uint8_t code = in.u8();
  in.skip(1);
  const std::uint16_t length = in.u16();
  if (!in.ok() || code_name(code).empty() || length < kHeaderSize || length > kMostSize ||
      length > datagram.size())
    return false;
  Reader attributes(datagram.subspan(kHeaderSize, length - kHeaderSize));
  while (!attributes.at_end()) {
    attributes.skip(1);
    const std::uint8_t size = attributes.u8();
    if (size < 2) return false;
    attributes.skip(size - 2u);
    if (!attributes.ok()) return false;
  }
  return true;
}

class RadiusTransaction final : public Transaction {
 public:
  RadiusTransaction(AppProto proto, std::uint64_t id, Direction direction, Bytes datagram)
      : Transaction(proto, id), direction_(direction), datagram_(as_text(datagram)) {
    set_progress(Direction::to_server, 1);
    set_progress(Direction::to_client, 1);
  }

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned, Direction,
                                                  std::uint32_t) const override {
    return std::nullopt;
  }
  void write(JsonWriter& out) const override;
  [[nodiscard]] Direction event_direction() const override { return direction_; }
  [[nodiscard]] bool one_sided() const override { return true; }

 private:
  Direction direction_;
  std::string datagram_;  // valid()
};

void RadiusTransaction::write(JsonWriter& out) const {
  Reader in(as_bytes(datagram_));
  const std::uint8_t code = in.u8(), identifier = in.u8();
  const std::uint16_t length = in.u16();
  out.key("radius").begin_object();
  out.field("code", code).field("type", code_name(code)).field("id", identifier);
  Reader attributes(as_bytes(datagram_).subspan(kHeaderSize, length - kHeaderSize));
  std::array<bool, 256> written{};
  while (!attributes.at_end()) {
    const std::uint8_t type = attributes.u8(), size = attributes.u8();
    const Bytes value = attributes.take(size - 2u);
    const auto known = std::ranges::find(kAttributes, type, &Attribute::type);
    if (known == std::end(kAttributes) || std::exchange(written[type], true)) continue;
    if (known->form == Form::text)
      out.field(known->name, as_text(value));
    else if (value.size() == 4 && known->form == Form::address)
      out.field(known->name, IpAddress::from_bytes(value));
    else if (value.size() == 4)
      out.field(known->name, Reader(value).u32());
  }
  out.end_object();
}

// A datagram in, a transaction out; keeps nothing between them.
class RadiusParser final : public Parser {
 public:
  RadiusParser(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {}

  void data(Direction d, Bytes data) override {
    if (!valid(data)) return;
    host_.add(std::make_unique<RadiusTransaction>(proto_, host_.next_transaction_id(), d, data));
  }
  void gap(Direction, std::uint64_t) override {}
  void end(Direction) override {}

 private:
  ParserHost& host_;
  AppProto proto_;
};

Probe probe(Direction, Bytes data, bool port_hint) {
  return port_hint && valid(data) ? Probe::yes : Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<RadiusParser>(host, proto);
}

const ProtocolSpec kSpec{.name = "radius",
                         .rule_names = {"radius"},
                         .transport = TransportMask::udp,
                         .complete = {1, 1}};

}  // namespace
}  // namespace radius

const Protocol kRadius{&radius::kSpec, radius::probe, radius::kPorts, radius::make};

}  // namespace chieng::collector
