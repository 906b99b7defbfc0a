#include "collector/protocol/mdns/mdns.h"

#include "collector/protocol/mdns/transaction.h"
#include "collector/protocol/stream_buffer.h"
#include "core/bytes/reader.h"

namespace chieng::collector {
namespace mdns {
namespace {

constexpr std::uint16_t kMdnsPorts[] = {5353}, kLlmnrPorts[] = {5355};

Event event_of(dns::Fault f) {
  switch (f) {
    case dns::Fault::none:
    case dns::Fault::malformed:
      return Event::malformed_data;
    case dns::Fault::name_too_long:
      return Event::name_too_long;
    case dns::Fault::infinite_loop:
      return Event::infinite_loop;
    case dns::Fault::too_many_labels:
      return Event::too_many_labels;
    case dns::Fault::authorities:
      return Event::invalid_authorities;
    case dns::Fault::additionals:
      return Event::invalid_additionals;
  }
  return Event::malformed_data;
}

// A message in, a transaction out. Over TCP (LLMNR) at most one message (64 KiB) is kept a
// direction.
class NameParser final : public Parser {
 public:
  NameParser(ParserHost& host, AppProto proto, std::string_view key)
      : host_(host), proto_(proto), key_(key) {}

  void data(Direction d, Bytes data) override {
    if (host_.flow().key.proto == ip_proto::tcp)
      stream(d, data);
    else
      message(d, data);
  }
  void gap(Direction d, std::uint64_t) override {
    held_[index(d)].clear();
    host_.stop(d);
  }
  void end(Direction) override {}

 private:
  void stream(Direction d, Bytes data);
  void message(Direction d, Bytes data);
  void raise(Transaction* tx, Event e, Direction d) {
    host_.event(tx, static_cast<std::uint16_t>(e), d);
  }
  Transaction* add(Direction d, dns::Message message) {
    return host_.add(std::make_unique<NameTransaction>(proto_, host_.next_transaction_id(), d, key_,
                                                       std::move(message)));
  }

  ParserHost& host_;
  AppProto proto_;
  std::string_view key_;
  std::array<StreamBuffer, 2> held_;
};

void NameParser::message(Direction d, Bytes data) {
  auto parsed = dns::parse(data);
  if (!parsed) {
    Transaction* tx = add(d, {});
    tx->logging_disabled = true;
    return raise(tx, Event::malformed_data, d);
  }
  const std::uint16_t flags = parsed->flags;
  const std::uint8_t opcode = parsed->opcode();
  const auto faults = parsed->faults;
  Transaction* tx = add(d, std::move(*parsed));
  if (host_.flow().key.proto == ip_proto::udp) host_.frame(d, 0, 0, data.size(), tx);
  if ((flags & 0x0040) != 0) raise(tx, Event::z_flag_set, d);
  if (opcode >= 7) raise(tx, Event::invalid_opcode, d);
  for (const dns::Fault f : faults) raise(tx, event_of(f), d);
}

void NameParser::stream(Direction d, Bytes data) {
  StreamBuffer& held = held_[index(d)];
  const Bytes in = held.join(data);
  std::size_t used = 0;
  while (true) {
    Reader next(in.subspan(used));
    const Bytes body = next.take(next.u16());
    if (!next.ok()) break;
    if (!body.empty()) message(d, body);
    used += body.size() + 2;
    host_.inspect_raw(d);
  }
  held.keep(in, used);
}

// These look as DNS does: only the port tells.
Probe probe(Direction, Bytes data, bool port_hint) {
  if (!port_hint) return Probe::no;
  if (dns::plausible(data, data.size())) return Probe::yes;
  Reader in(data);
  const std::uint16_t length = in.u16();
  if (!in.ok() || data.size() < 14) return Probe::maybe;
  return length >= 12 && dns::plausible(in.rest(), length) ? Probe::yes : Probe::no;
}

std::unique_ptr<Parser> make_mdns(ParserHost& host, AppProto proto) {
  return std::make_unique<NameParser>(host, proto, "mdns");
}
std::unique_ptr<Parser> make_llmnr(ParserHost& host, AppProto proto) {
  return std::make_unique<NameParser>(host, proto, "llmnr");
}

constexpr BufferSpec names(std::string_view name) {
  return {.name = name, .ready = {1, 1}, .multi = true};
}
constexpr BufferSpec kMdnsBuffers[] = {
    names("mdns.queries.rrname"), names("mdns.answers.rrname"), names("mdns.authorities.rrname"),
    names("mdns.additionals.rrname"), names("mdns.response.rrname")};
constexpr BufferSpec kLlmnrBuffers[] = {
    names("llmnr.queries.rrname"), names("llmnr.answers.rrname"), names("llmnr.authorities.rrname"),
    names("llmnr.additionals.rrname"), names("llmnr.response.rrname")};

constexpr std::string_view kFrames[] = {"pdu"};
constexpr std::string_view kEvents[] = {
    "malformed_data",      "not_request",        "not_response",  "z_flag_set",
    "invalid_opcode",      "name_too_long",      "infinite_loop", "too_many_labels",
    "invalid_additionals", "invalid_authorities"};

const ProtocolSpec kMdnsSpec{.name = "mdns",
                             .rule_names = {"mdns"},
                             .transport = TransportMask::udp,
                             .complete = {1, 1},
                             .buffers = kMdnsBuffers,
                             .event_prefix = "mdns",
                             .events = kEvents,
                             .frames = kFrames};
const ProtocolSpec kLlmnrSpec{.name = "llmnr",
                              .rule_names = {"llmnr"},
                              .transport = TransportMask::both,
                              .complete = {1, 1},
                              .buffers = kLlmnrBuffers,
                              .event_prefix = "llmnr",
                              .events = kEvents,
                              .frames = kFrames};

}  // namespace
}  // namespace mdns

const Protocol kMdns{&mdns::kMdnsSpec, mdns::probe, mdns::kMdnsPorts, mdns::make_mdns};
const Protocol kLlmnr{&mdns::kLlmnrSpec, mdns::probe, mdns::kLlmnrPorts, mdns::make_llmnr};

}  // namespace chieng::collector
