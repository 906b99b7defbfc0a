#include "collector/protocol/tls/parser.h"

#include <algorithm>

namespace chieng::collector::tls {
namespace {

enum : std::uint8_t {
  change_cipher_spec = 20,
  alert_record = 21,
  handshake_record = 22,
  application_data = 23,
  heartbeat_record = 24
};
enum Frame : std::uint8_t { pdu, hdr, body, alert_data, heartbeat_data, old_hdr, old_pdu };
enum : std::uint8_t {
  client_hello = 1,
  server_hello = 2,
  certificate = 11,
  server_hello_done = 14,
  finished = 20
};

}  // namespace

TlsParser::TlsParser(ParserHost& host, AppProto proto) : host_(host) {
  tx_ = static_cast<TlsTransaction*>(
      host.add(std::make_unique<TlsTransaction>(proto, host.next_transaction_id())));
  if (const AppProto before = host.flow().app_proto_original;
      before.is_known() && before.value - 2u < protocols().size())
    tx_->from_proto = protocols()[before.value - 2u]->spec->name;
}

void TlsParser::reach(Direction d, Progress p) {
  if (tx_ == nullptr) return;
  tx_->reach(d, p);
  constexpr auto complete = static_cast<std::uint8_t>(Progress::complete);
  if (tx_->progress(Direction::to_server) == complete &&
      tx_->progress(Direction::to_client) == complete)
    tx_ = nullptr;  // it is no longer ours
}

void TlsParser::data(Direction d, Bytes data) {
  Side& side = sides_[index(d)];
  const std::uint64_t end = host_.position(d) + data.size();
  while (!data.empty() && !side.finished) {
    if (!side.in_record) {
      const std::size_t n = std::min(side.header.size() - side.header_bytes, data.size());
      std::copy_n(data.begin(), n,
                  side.header.begin() + static_cast<std::ptrdiff_t>(side.header_bytes));
      side.header_bytes += n;
      data = data.subspan(n);
      if (side.header_bytes < side.header.size()) return;
      side.header_bytes = 0;
      side.start = end - data.size() - side.header.size();
      if (!begin_record(d, side)) return;
      if (!side.in_record) continue;
    }
    const std::size_t n = std::min(side.left, data.size());
    if (side.type != application_data && !(side.encrypted && side.type == handshake_record))
      side.body.insert(side.body.end(), data.begin(),
                       data.begin() + static_cast<std::ptrdiff_t>(n));
    side.left -= n;
    data = data.subspan(n);
    if (side.left == 0) end_record(d, side);
  }
}

bool TlsParser::begin_record(Direction d, Side& side) {
  Reader in(side.header);
  side.type = in.u8();
  if (d == Direction::to_server && !side.started && (side.type & 0x80) != 0)
    return begin_old_hello(side);
  side.started = true;
  const std::uint16_t version = in.u16(), length = in.u16();
  if (side.type < change_cipher_spec || side.type > heartbeat_record) {
    broken(d, Event::invalid_record_type);
    return false;
  }
  if (version >> 8 != 3 && version >> 8 != 0x7f) {
    broken(d, Event::invalid_record_version);
    return false;
  }
  if (length > kMaxRecord) {
    broken(d, Event::invalid_record_length);
    return false;
  }
  if (tx_ != nullptr && tx_->record_version == 0) tx_->record_version = version;
  side.left = length;
  side.in_record = true;
  side.body.clear();
  name_frames(d, side, length);
  if (side.type == application_data) encrypted(d, true);
  return true;
}

void TlsParser::name_frames(Direction d, const Side& side, std::uint16_t length) {
  const std::size_t header = side.header.size();
  host_.frame(d, pdu, side.start, header + length, tx_);
  host_.frame(d, hdr, side.start, header, tx_);
  host_.frame(d, body, side.start + header, length, tx_);
  if (side.type == alert_record) host_.frame(d, alert_data, side.start + header, length, tx_);
  if (side.type == heartbeat_record)
    host_.frame(d, heartbeat_data, side.start + header, length, tx_);
}

// An SSL 2 record has two bytes of length; three of its body were read with what we took for a
// header.
bool TlsParser::begin_old_hello(Side& side) {
  const std::size_t length = (std::to_integer<std::size_t>(side.header[0]) & 0x7f) << 8 |
                             std::to_integer<std::size_t>(side.header[1]);
  side.started = true;
  side.type = application_data;  // its body is stepped over
  side.left = length > 3 ? length - 3 : 0;
  side.in_record = side.left > 0;
  host_.frame(Direction::to_server, old_hdr, side.start, 2, tx_);
  host_.frame(Direction::to_server, old_pdu, side.start, length + 2, tx_);
  if (tx_ != nullptr && tx_->record_version == 0) tx_->record_version = 0x0002;
  return true;
}

void TlsParser::end_record(Direction d, Side& side) {
  side.in_record = false;
  switch (side.type) {
    case change_cipher_spec:
      encrypted(d, false);
      break;
    case alert_record:
      if (!side.encrypted) alert(d, side.body);
      break;
    case handshake_record:
      if (!side.encrypted) handshake(d, side);
      break;
    case heartbeat_record:
      heartbeat(d, side.body);
      break;
    default:
      break;
  }
}

void TlsParser::handshake(Direction d, Side& side) {
  if (side.handshake.size() + side.body.size() > kMaxMessage) {
    broken(d, Event::handshake_invalid_length);
    return;
  }
  side.handshake.insert(side.handshake.end(), side.body.begin(), side.body.end());
  std::size_t used = 0;
  while (!side.finished) {
    Reader in(Bytes(side.handshake).subspan(used));
    const std::uint8_t type = in.u8();
    const std::uint32_t length = in.u24();
    if (!in.ok()) break;
    if (length > kMaxMessage) {
      broken(d, Event::handshake_invalid_length);
      return;
    }
    const Bytes body = in.take(length);
    if (!in.ok()) break;
    used += 4 + std::size_t{length};
    message(d, type, body);
  }
  side.handshake.erase(side.handshake.begin(),
                       side.handshake.begin() + static_cast<std::ptrdiff_t>(used));
}

void TlsParser::message(Direction d, std::uint8_t type, Bytes body) {
  switch (type) {
    case client_hello:
    case server_hello:
      hello(d, type, body);
      break;
    case certificate:
      certificates(d, body);
      break;
    case server_hello_done:
      reach(d, Progress::certificate);
      host_.inspect_raw(d);
      break;
    default:
      break;
  }
}

void TlsParser::hello(Direction d, std::uint8_t type, Bytes body) {
  const bool client = type == client_hello;
  std::optional<Hello> parsed = client ? parse_client_hello(body) : parse_server_hello(body);
  if (!parsed) {
    event(Event::invalid_handshake_message, d);
    return;
  }
  const HelloFaults faults = parsed->faults;
  if (tx_ != nullptr) {
    if (client)
      tx_->set_client_hello(std::move(*parsed));
    else
      tx_->set_server_hello(std::move(*parsed));
  }
  if (faults.multiple_sni) event(Event::multiple_sni_extensions, d);
  if (faults.bad_sni_type) event(Event::invalid_sni_type, d);
  if (faults.bad_sni_length) event(Event::invalid_sni_length, d);
  if (faults.bad_length) event(Event::handshake_invalid_length, d);
  host_.inspect_raw(d);
}

void TlsParser::certificates(Direction d, Bytes body) {
  if (body.size() < 3) return;
  Reader in(body);
  Reader list = in.sub(in.u24());
  std::vector<std::string> chain;
  std::optional<Event> fault;
  while (in.ok() && !list.at_end()) {
    const Bytes der = list.take(list.u24());
    if (!list.ok()) {
      fault = Event::invalid_certificate;
      break;
    }
    chain.emplace_back(as_text(der));
  }
  const bool empty = chain.empty() && d == Direction::to_client;  // a client may have none to show
  const Timestamp now = host_.packet() != nullptr ? host_.packet()->time : host_.flow().last;
  if (tx_ != nullptr)
    if (const auto wrong = tx_->set_certificates(d, std::move(chain), now)) fault = wrong;
  if (fault) event(*fault, d);
  if (fault || empty || !in.ok()) {
    event(Event::invalid_handshake_message, d);
    stop(d);
  }
  host_.inspect_raw(d);
}

void TlsParser::stop(Direction d) {
  sides_[index(d)].finished = true;
  host_.stop(d);
}

void TlsParser::alert(Direction d, Bytes body) {
  if (body.size() != 2) {
    event(Event::invalid_alert_message, d);
    return;
  }
  constexpr std::byte fatal{2};
  if (body[0] == fatal) event(Event::error_message_encountered, d);
}

// RFC 6520: a request that names more payload than it carries asks for the peer's memory.
void TlsParser::heartbeat(Direction d, Bytes body) {
  event(Event::heartbeat_message, d);
  if (sides_[index(d)].encrypted) return;
  Reader in(body);
  const std::uint8_t type = in.u8();
  const std::uint16_t length = in.u16();
  if (!in.ok() || (type != 1 && type != 2))
    event(Event::invalid_heartbeat_message, d);
  else if (type == 1 && std::size_t{length} + 16 > in.remaining())
    event(Event::overflow_heartbeat_message, d);
}

void TlsParser::encrypted(Direction d, bool application) {
  Side& side = sides_[index(d)];
  side.encrypted = true;
  if (tx_ != nullptr && d == Direction::to_client && tx_->version() < 0x0304 &&
      !tx_->has_certificate(d) && tx_->progress(d) == static_cast<std::uint8_t>(Progress::hello) &&
      !application)
    tx_->resumed = true;
  // In TLS 1.3 a ChangeCipherSpec means nothing; what follows is application data by type.
  reach(d, Progress::complete);
  if (application) {
    host_.hide_payload(Direction::to_server);
    host_.hide_payload(Direction::to_client);
    reach(Direction::to_server, Progress::complete);
    reach(Direction::to_client, Progress::complete);
    side.finished = true;
    host_.stop(d);
  }
}

void TlsParser::broken(Direction d, Event e) {
  if (!sides_[index(d)].encrypted) {
    event(e, d);
    if (e != Event::handshake_invalid_length) event(Event::invalid_ssl_record, d);
  }
  stop(d);
}

void TlsParser::gap(Direction d, std::uint64_t bytes) {
  Side& side = sides_[index(d)];
  if (side.in_record && side.left > bytes && (side.type == application_data || side.encrypted)) {
    side.left -= bytes;  // the loss lies inside a record that is not looked at
    return;
  }
  side.finished = true;
  host_.stop(d);
}

void TlsParser::end(Direction d) {
  reach(d, Progress::complete);
}

}  // namespace chieng::collector::tls
