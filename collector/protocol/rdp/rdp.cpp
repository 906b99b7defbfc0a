#include "collector/protocol/rdp/rdp.h"

#include <algorithm>

#include "collector/protocol/rdp/transaction.h"
#include "collector/protocol/stream_buffer.h"
#include "core/bytes/reader.h"

namespace chieng::collector {
namespace rdp {
namespace {

constexpr std::uint16_t kPorts[] = {3389};
constexpr std::uint8_t kVersion = 3;  // of TPKT
constexpr std::size_t kTpkt = 4, kLeast = 7;
constexpr std::uint8_t kHandshake = 22, kApplicationData = 23, kChangeCipher = 20;

// Reads up to the MCS connect response or, where TLS was agreed on, the server's certificates; then
// stops. Keeps a packet (64 KiB) or kMostHandshake bytes of TLS messages a direction.
class RdpParser final : public Parser {
 public:
  static constexpr std::size_t kMostHandshake = 32 * 1024;

  RdpParser(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {}
  void data(Direction d, Bytes data) override;
  void gap(Direction, std::uint64_t) override { finish(); }
  void end(Direction) override {}

 private:
  std::size_t next(Direction d, Bytes in);
  std::size_t tls_record(Direction d, Bytes in);
  void message(Direction d, Bytes packet);
  void handshake(Bytes data);
  void add(RdpTransaction::Message message, Direction d);
  void finish();

  ParserHost& host_;
  AppProto proto_;
  std::array<StreamBuffer, 2> held_;
  std::vector<std::byte> handshake_;  // of the server
  bool tls_ = false, over_ = false;
};

void RdpParser::data(Direction d, Bytes data) {
  if (over_) return;
  held_[index(d)].consume(data, [&](Bytes in) { return over_ ? in.size() : next(d, in); });
}

std::size_t RdpParser::next(Direction d, Bytes in) {
  const auto first = std::to_integer<std::uint8_t>(in[0]);
  if (tls_ || (first >= kChangeCipher && first <= kApplicationData)) return tls_record(d, in);
  Reader head(in);
  const std::uint8_t version = head.u8();
  head.skip(1);
  const std::uint16_t size = head.u16();
  if (version != kVersion || (head.ok() && size < kLeast)) {
    finish();
    return in.size();
  }
  if (!head.ok() || in.size() < size) return 0;
  message(d, in.first(size));
  return size;
}

void RdpParser::message(Direction d, Bytes packet) {
  const bool client = d == Direction::to_server;
  switch (kind_of(packet)) {
    case MessageKind::request:
      if (const auto r = client ? read_request(packet) : std::nullopt) add(*r, d);
      break;
    case MessageKind::confirm:
      if (const auto c = client ? std::nullopt : read_confirm(packet)) {
        add(*c, d);
        tls_ = c->protocol.value_or(0) != 0;
      }
      break;
    case MessageKind::connect_initial:
      if (client) add(read_connect(packet), d);
      break;
    case MessageKind::connect_response:
      if (client) break;
      add(ConnectResponse{}, d);
      finish();
      break;
    case MessageKind::none:
      break;
  }
}

// RFC 5246 section 6.2.1
std::size_t RdpParser::tls_record(Direction d, Bytes in) {
  constexpr std::size_t kHead = 5;
  tls_ = true;
  Reader head(in);
  const std::uint8_t type = head.u8(), major = head.u8();
  head.skip(1);
  const std::uint16_t size = head.u16();
  if (!head.ok()) return 0;
  // What follows is encrypted, or is no TLS.
  if (type < kChangeCipher || type == kApplicationData || major != 3 || type > kApplicationData) {
    finish();
    return in.size();
  }
  if (in.size() < kHead + size) return 0;
  if (type == kHandshake && d == Direction::to_client) handshake(in.subspan(kHead, size));
  return kHead + size;
}

void RdpParser::handshake(Bytes data) {
  constexpr std::uint8_t kCertificate = 11;
  handshake_.insert(handshake_.end(), data.begin(), data.end());
  Reader in(handshake_);
  std::size_t used = 0;
  while (true) {
    const std::uint8_t type = in.u8();
    const std::uint32_t size = in.u24();
    const Bytes body = in.take(size);
    if (!in.ok()) break;
    used = in.position();
    if (type != kCertificate) continue;
    add(TlsHandshake{certificate_serials(body)}, Direction::to_client);
    return finish();
  }
  handshake_.erase(handshake_.begin(), handshake_.begin() + static_cast<std::ptrdiff_t>(used));
  if (handshake_.size() > kMostHandshake) finish();
}

void RdpParser::add(RdpTransaction::Message message, Direction d) {
  host_.add(
      std::make_unique<RdpTransaction>(proto_, host_.next_transaction_id(), std::move(message)));
  host_.inspect_raw(d);
}

void RdpParser::finish() {
  over_ = true;
  std::vector<std::byte>().swap(handshake_);
  for (const Direction d : {Direction::to_server, Direction::to_client}) {
    if (tls_) host_.hide_payload(d);
    host_.stop(d);
  }
}

// Elsewhere than at its port only what no other protocol over TPKT says.
Probe probe_request(Bytes data, bool port_hint) {
  constexpr std::size_t kHead = 11;
  constexpr std::uint8_t kRequest = 0xe0;
  const auto negotiates = [](Bytes rest) {
    Reader in(rest);
    const std::uint8_t type = in.u8();
    in.skip(1);
    return in.u16le() == 8 && in.ok() && type == 1;
  };
  Reader in(data);
  in.skip(kTpkt + 1);
  const std::uint8_t code = in.u8();
  if (!in.ok()) return Probe::maybe;
  if (code != kRequest) return Probe::no;
  if (port_hint) return Probe::yes;
  if (data.size() < kHead + 8) return Probe::no;
  const Bytes rest = data.subspan(kHead);
  return as_text(rest).starts_with("Cookie: msts") || negotiates(rest) ? Probe::yes : Probe::no;
}

Probe probe(Direction d, Bytes data, bool port_hint) {
  Reader in(data);
  const std::uint8_t version = in.u8(), zero = in.u8();
  if (data.empty()) return Probe::maybe;
  if (version != kVersion || (in.ok() && zero != 0)) return Probe::no;
  if (!in.ok()) return port_hint ? Probe::maybe : Probe::no;
  const std::uint16_t size = in.u16();
  if (in.ok() && size < kLeast) return Probe::no;
  if (d == Direction::to_server) return probe_request(data, port_hint);
  constexpr std::uint8_t kConfirm = 0xd0;
  in.skip(1);
  const std::uint8_t code = in.u8();
  if (!port_hint) return Probe::no;
  return !in.ok() ? Probe::maybe : code == kConfirm ? Probe::yes : Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<RdpParser>(host, proto);
}

}  // namespace
}  // namespace rdp

const Protocol kRdp{&rdp::kSpec, rdp::probe, rdp::kPorts, rdp::make};

}  // namespace chieng::collector
