#include "collector/protocol/ike/ike.h"

#include "collector/protocol/ike/judge.h"
#include "collector/protocol/ike/transaction.h"
#include "core/bytes/reader.h"

namespace chieng::collector {
namespace ike {
namespace {

constexpr std::uint16_t kPorts[] = {500, 4500};

// RFC 3948 section 2.2: on port 4500 four zero bytes tell a message from an ESP packet.
Bytes without_marker(Bytes data) {
  Reader in(data);
  return in.u32() == 0 && in.ok() ? in.rest() : data;
}

// A message in, a transaction out. Keeps the session: a few values and, of version 1, key exchange
// and nonce of both sides (64 KiB each at most).
class IkeParser final : public Parser {
 public:
  IkeParser(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {}

  void data(Direction d, Bytes data) override {
    const bool marked = without_marker(data).size() != data.size();
    const Bytes bytes = without_marker(data);
    const std::uint16_t port = host_.flow().key.dst_port, other = host_.flow().key.src_port;
    if (!marked && (port == kPorts[1] || other == kPorts[1]) && !is_message(bytes, false))
      return;  // ESP, a keep-alive
    std::optional<Message> message = parse_message(bytes);
    const bool good = message.has_value();
    if (!good) message.emplace();
    session_.take(*message, d);
    const auto found = judge(*message);
    const bool several = d == Direction::to_client && message->transforms.size() > 1;
    auto* tx = host_.add(std::make_unique<IkeTransaction>(proto_, host_.next_transaction_id(), d,
                                                          std::move(*message), session_));
    if (!good) {
      tx->logging_disabled = true;
      raise(tx, Event::malformed_data, d);
    }
    for (const Event e : found) raise(tx, e, d);
    if (several) raise(tx, Event::multiple_server_proposal, d);
  }
  void gap(Direction, std::uint64_t) override {}
  void end(Direction) override {}

 private:
  void raise(Transaction* tx, Event e, Direction d) {
    host_.event(tx, static_cast<std::uint16_t>(e), d);
  }

  ParserHost& host_;
  AppProto proto_;
  Session session_;
};

Probe probe(Direction, Bytes data, bool port_hint) {
  return is_message(without_marker(data), !port_hint) ? Probe::yes : Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<IkeParser>(host, proto);
}

}  // namespace
}  // namespace ike

const Protocol kIke{&ike::kSpec, ike::probe, ike::kPorts, ike::make};

}  // namespace chieng::collector
