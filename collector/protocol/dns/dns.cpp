#include "collector/protocol/dns/dns.h"

#include <algorithm>

#include "collector/protocol/dns/transaction.h"
#include "core/bytes/reader.h"

namespace chieng::collector {
namespace dns {
namespace {

constexpr std::uint16_t kPorts[] = {53};

constexpr BufferSpec kBuffers[] = {
    {.name = "dns.query",
     .sides = Sides::to_server,
     .ready = {1, 1},
     .multi = true,
     .aliases = {"dns_query"}},
    {.name = "dns.queries.rrname", .ready = {1, 1}, .multi = true, .aliases = {"dns.query.name"}},
    {.name = "dns.answers.rrname", .ready = {1, 1}, .multi = true, .aliases = {"dns.answer.name"}},
    {.name = "dns.authorities.rrname", .ready = {1, 1}, .multi = true},
    {.name = "dns.additionals.rrname", .ready = {1, 1}, .multi = true},
    {.name = "dns.response.rrname", .sides = Sides::to_client, .ready = {1, 1}, .multi = true},
};

std::span<const IntegerSpec> integers() {
  static const IntegerSpec list[] = {
      {.name = "dns.opcode", .ready = {1, 1}, .bits = 8},
      {.name = "dns.rcode", .ready = {1, 1}, .bits = 16, .names = rcode_names()},
      {.name = "dns.rrtype", .ready = {1, 1}, .bits = 16, .multi = true, .names = type_names()},
  };
  return list;
}

constexpr std::string_view kEvents[] = {
    "malformed_data",      "not_request",        "not_response",  "z_flag_set",
    "invalid_opcode",      "name_too_long",      "infinite_loop", "too_many_labels",
    "invalid_additionals", "invalid_authorities"};

constexpr std::string_view kFrames[] = {"pdu"};
constexpr std::uint8_t pdu = 0;

Event event_of(Fault f) {
  switch (f) {
    case Fault::none:
    case Fault::malformed:
      return Event::malformed_data;
    case Fault::name_too_long:
      return Event::name_too_long;
    case Fault::infinite_loop:
      return Event::infinite_loop;
    case Fault::too_many_labels:
      return Event::too_many_labels;
    case Fault::authorities:
      return Event::invalid_authorities;
    case Fault::additionals:
      return Event::invalid_additionals;
  }
  return Event::malformed_data;
}

// A message in, a transaction out. Keeps nothing between datagrams; over TCP at most one message
// (64 KiB) a direction.
class DnsParser final : public Parser {
 public:
  DnsParser(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {}

  void data(Direction d, Bytes data) override {
    if (host_.flow().key.proto == ip_proto::tcp)
      stream(d, data);
    else
      host_.frame(d, pdu, 0, data.size(), message(d, data));
  }
  void gap(Direction d, std::uint64_t) override {
    held_[index(d)].clear();
    lost_[index(d)] = true;
  }
  void end(Direction) override {}

 private:
  void stream(Direction d, Bytes data);
  Transaction* message(Direction d, Bytes data);
  void raise(Transaction* tx, Event e, Direction d) {
    host_.event(tx, static_cast<std::uint16_t>(e), d);
  }

  ParserHost& host_;
  AppProto proto_;
  std::array<std::vector<std::byte>, 2> held_;
  std::array<bool, 2> lost_{};  // after a gap: where a message begins is not known
};

Transaction* DnsParser::message(Direction d, Bytes data) {
  std::optional<Message> parsed = parse(data);
  if (!parsed) {
    auto* tx = host_.add(
        std::make_unique<DnsTransaction>(proto_, host_.next_transaction_id(), d, Message{}));
    tx->logging_disabled = true;
    raise(tx, Event::malformed_data, d);
    return tx;
  }
  const std::uint16_t flags = parsed->flags;
  const bool response = parsed->is_response();
  const std::uint8_t opcode = parsed->opcode();
  const PooledVector<Fault> faults = parsed->faults;
  auto* tx = host_.add(
      std::make_unique<DnsTransaction>(proto_, host_.next_transaction_id(), d, std::move(*parsed)));
  if (response && d == Direction::to_server) raise(tx, Event::not_request, d);
  if (!response && d == Direction::to_client) raise(tx, Event::not_response, d);
  if ((flags & 0x0040) != 0) raise(tx, Event::z_flag_set, d);
  if (opcode >= 7) raise(tx, Event::invalid_opcode, d);
  for (const Fault f : faults) raise(tx, event_of(f), d);
  return tx;
}

// RFC 1035 section 4.2.2: two bytes of length before each message.
void DnsParser::stream(Direction d, Bytes data) {
  std::vector<std::byte>& held = held_[index(d)];
  if (lost_[index(d)]) {
    Reader probe(data);
    const std::uint16_t length = probe.u16();
    if (!probe.ok() || !plausible(probe.rest(), length)) return;
    lost_[index(d)] = false;
  }
  const std::uint64_t start = host_.position(d) - held.size();
  Bytes in = data;
  if (!held.empty()) {
    held.insert(held.end(), data.begin(), data.end());
    in = held;
  }
  std::size_t used = 0;
  while (true) {
    Reader next(in.subspan(used));
    const Bytes body = next.take(next.u16());
    if (!next.ok()) break;
    if (!body.empty()) host_.frame(d, pdu, start + used + 2, body.size(), message(d, body));
    used += body.size() + 2;
  }
  if (used > 0) host_.inspect_raw(d);
  if (held.empty())
    held.assign(in.begin() + static_cast<std::ptrdiff_t>(used), in.end());
  else
    held.erase(held.begin(), held.begin() + static_cast<std::ptrdiff_t>(used));
}

// DNS has no mark of its own, and LLMNR, mDNS and NetBIOS look the same: only the port tells.
// A response in a datagram from the client's side is the server's: the flow is the wrong way round.
bool comes_from_server(Direction d, Bytes data) {
  return d == Direction::to_server && data.size() > 2 &&
         (std::to_integer<unsigned>(data[2]) & 0x80u) != 0;
}

Probe probe(Direction d, Bytes data, bool port_hint) {
  if (!port_hint) return Probe::no;
  if (plausible(data, data.size()) && !comes_from_server(d, data))
    return Probe::yes;  // UDP, or a message that came without its length
  Reader in(data);
  const std::uint16_t length = in.u16();
  if (in.ok() && in.remaining() >= 12)
    return length >= 12 && plausible(in.rest(), length) ? Probe::yes : Probe::no;
  return data.size() < 14 ? Probe::maybe : Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<DnsParser>(host, proto);
}

}  // namespace

const ProtocolSpec kSpec{.name = "dns",
                         .rule_names = {"dns"},
                         .transport = TransportMask::both,
                         .complete = {1, 1},
                         .buffers = kBuffers,
                         .integers = integers(),
                         .event_prefix = "dns",
                         .events = kEvents,
                         .frames = kFrames};

}  // namespace dns

const Protocol kDns{&dns::kSpec, dns::probe, dns::kPorts, dns::make};

}  // namespace chieng::collector
