#include "collector/protocol/ldap/ldap.h"

#include <algorithm>
#include <utility>

#include "collector/protocol/asn1/ber.h"
#include "collector/protocol/ldap/transaction.h"
#include "collector/protocol/tls/tls.h"

namespace chieng::collector {
namespace ldap {
namespace {

constexpr std::uint16_t kPorts[] = {389, 3268};
constexpr std::string_view kStartTls = "1.3.6.1.4.1.1466.20037";  // RFC 4511 section 4.14

// Keeps at most one message (kMostMessage) a direction, and pointers to kMostOpen transactions.
class LdapParser final : public Parser {
 public:
  static constexpr std::size_t kMostMessage = 256 * 1024, kMostOpen = 256;

  LdapParser(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {}

  void data(Direction d, Bytes data) override {
    end_ = host_.position(d) + data.size();
    if (host_.flow().key.proto == ip_proto::tcp)
      stream(d, data);
    else
      datagram(d, data);
  }
  void gap(Direction d, std::uint64_t bytes) override;
  void end(Direction) override {}

 private:
  struct Side {
    std::vector<std::byte> held;
    std::uint64_t skip = 0;    // of a message that is too long
    bool lost = false;         // where a message begins is not known
    std::uint64_t framed = 0;  // where the last message with a frame ends
  };
  void stream(Direction d, Bytes data);
  void datagram(Direction d, Bytes data);
  // Bytes used; 0: more are needed. Nothing where it cannot be read on.
  std::optional<std::size_t> step(Direction d, Bytes data);
  void message(Direction d, Bytes data);
  void request(Message m);
  void response(Message m);
  void respond(LdapTransaction& tx, Message m);
  LdapTransaction& open();
  void bad(Direction d);
  void raise(Transaction* tx, Event e, Direction d) { host_.event(tx, std::to_underlying(e), d); }

  ParserHost& host_;
  AppProto proto_;
  std::array<Side, 2> sides_;
  std::uint64_t end_ = 0;               // of the present data, in the stream
  std::vector<LdapTransaction*> open_;  // unanswered, oldest first
};

LdapTransaction& LdapParser::open() {
  auto tx = std::make_unique<LdapTransaction>(proto_, host_.next_transaction_id());
  return static_cast<LdapTransaction&>(*host_.add(std::move(tx)));
}

void LdapParser::bad(Direction d) {
  LdapTransaction& tx = open();
  tx.logging_disabled = true;
  raise(&tx, Event::invalid_data, d);
  tx.finish();
}

void LdapParser::request(Message m) {
  const bool unanswered = m.op == op::abandon_request || m.op == op::unbind_request;
  LdapTransaction& tx = open();
  tx.set_request(std::move(m));
  if (unanswered) return tx.finish();
  if (open_.size() >= kMostOpen) {
    raise(&tx, Event::too_many_transactions, Direction::to_server);
    open_.front()->finish();
    open_.erase(open_.begin());
  }
  open_.push_back(&tx);
}

void LdapParser::respond(LdapTransaction& tx, Message m) {
  const std::uint8_t what = m.op;
  const bool started = what == op::extended_response && m.outcome->code == 0 &&
                       tx.request() != nullptr && tx.request()->oid == kStartTls;
  if (!tx.add_response(std::move(m)))
    raise(&tx, Event::too_many_responses, Direction::to_client);
  else
    tx.touch(Direction::to_client);
  if (what == op::search_entry || what == op::search_reference || what == op::intermediate) return;
  std::erase(open_, &tx);
  tx.finish();
  if (started) host_.change_protocol_to(kTls, kTls.make);
}

void LdapParser::response(Message m) {
  const auto asked = std::ranges::find_if(
      open_, [&](const LdapTransaction* tx) { return tx->request()->id == m.id; });
  if (asked != open_.end()) return respond(**asked, std::move(m));
  LdapTransaction& tx = open();
  const bool notice = m.id == 0 && m.op == op::extended_response;  // RFC 4511 section 4.4
  tx.add_response(std::move(m));
  if (!notice) raise(&tx, Event::request_not_found, Direction::to_client);
  tx.finish();
}

void LdapParser::message(Direction d, Bytes data) {
  auto parsed = parse(data);
  if (!parsed || parsed->is_request() != (d == Direction::to_server)) return bad(d);
  if (d == Direction::to_server)
    request(std::move(*parsed));
  else
    response(std::move(*parsed));
}

std::optional<std::size_t> LdapParser::step(Direction d, Bytes data) {
  asn1::Head head;
  const auto state = asn1::read_head(data, head);
  if (state == asn1::HeadState::cut) return 0;
  if (state == asn1::HeadState::bad || head.klass != asn1::Class::universal ||
      head.number != asn1::tag::sequence || !head.constructed) {
    bad(d);
    return std::nullopt;
  }
  const std::uint64_t whole = head.head_size + head.content_size;
  const std::uint64_t at = end_ - data.size();
  if (std::uint64_t& framed = sides_[index(d)].framed; at >= framed) {
    host_.frame(d, 0, at, whole);
    framed = at + whole;
  }
  if (whole > kMostMessage) {
    bad(d);
    sides_[index(d)].skip = whole > data.size() ? whole - data.size() : 0;
    return static_cast<std::size_t>(std::min<std::uint64_t>(whole, data.size()));
  }
  if (whole > data.size()) return 0;
  message(d, data.first(static_cast<std::size_t>(whole)));
  return static_cast<std::size_t>(whole);
}

void LdapParser::stream(Direction d, Bytes data) {
  Side& side = sides_[index(d)];
  const auto skipped = std::min<std::uint64_t>(side.skip, data.size());
  side.skip -= skipped;
  data = data.subspan(static_cast<std::size_t>(skipped));
  if (side.lost) {
    bool more = false;
    const auto what = operation_of(data, more);
    if (!what || is_request(*what) != (d == Direction::to_server)) return;
    side.lost = false;
  }
  Bytes in = data;
  if (!side.held.empty()) {
    side.held.insert(side.held.end(), data.begin(), data.end());
    in = side.held;
  }
  std::size_t used = 0;
  while (used < in.size()) {
    const auto n = step(d, in.subspan(used));
    if (!n) {  // not LDAP: only a message that starts with new data is taken again
      side.lost = true;
      side.held.clear();
      return;
    }
    if (*n == 0) break;
    used += *n;
  }
  if (used > 0) host_.inspect_raw(d);
  if (side.held.empty())
    side.held.assign(in.begin() + static_cast<std::ptrdiff_t>(used), in.end());
  else
    side.held.erase(side.held.begin(), side.held.begin() + static_cast<std::ptrdiff_t>(used));
}

void LdapParser::datagram(Direction d, Bytes data) {
  while (!data.empty()) {
    const auto n = step(d, data);
    sides_[index(d)].skip = sides_[index(d)].framed = 0;
    if (!n) return;
    if (*n == 0) return bad(d);
    data = data.subspan(*n);
  }
}

void LdapParser::gap(Direction d, std::uint64_t bytes) {
  Side& side = sides_[index(d)];
  if (side.held.empty() && side.skip >= bytes && side.skip > 0) {
    side.skip -= bytes;
    return;
  }
  side = {};
  side.lost = true;
}

Probe probe(Direction d, Bytes data, bool) {
  bool more = false;
  const auto what = operation_of(data, more);
  if (!what) return more ? Probe::maybe : Probe::no;
  return is_request(*what) == (d == Direction::to_server) ? Probe::yes : Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<LdapParser>(host, proto);
}

}  // namespace
}  // namespace ldap

const Protocol kLdap{&ldap::kSpec, ldap::probe, ldap::kPorts, ldap::make};

}  // namespace chieng::collector
