#include "collector/protocol/pgsql/pgsql.h"

#include <algorithm>
#include <deque>

#include "collector/protocol/pgsql/messages.h"
#include "collector/protocol/stream_buffer.h"
#include "core/bytes/reader.h"

namespace chieng::collector {
namespace pgsql {
namespace {

using Kind = Request::Kind;

constexpr std::uint16_t kPorts[] = {5432};
constexpr std::size_t kMostMessage = 1u << 20;  // longer ones are skipped
constexpr std::size_t kMostOpen = 512;          // requests without their answer
constexpr std::size_t kHeader = 5;              // type and length

// Keeps a message (kMostMessage) a direction, and kMostOpen requests.
class PgsqlParser final : public Parser {
 public:
  PgsqlParser(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {}

  void data(Direction d, Bytes data) override;
  void gap(Direction d, std::uint64_t bytes) override;
  void end(Direction d) override;

 private:
  struct Side {
    StreamBuffer held;
    std::uint64_t skip = 0;  // bytes of a message that is not wanted
    bool lost = false, started = false;
  };
  std::size_t next(Direction d, Bytes in);  // bytes used; 0: more is needed, or it is over
  std::size_t first_message(Bytes in);
  std::size_t encryption_answer(Bytes in);
  bool frontend(char type, Bytes body, std::size_t size);
  bool backend(char type, Bytes body, std::size_t size);
  bool authentication(PgsqlTransaction& tx, Bytes body);
  void copy_data(std::size_t size);

  PgsqlTransaction& open();      // a new request
  PgsqlTransaction& answered();  // whose answer this is
  void close();                  // the oldest open one has its answer
  void fail(Direction d, Event e);
  void raise(Transaction* tx, Event e, Direction d) {
    host_.event(tx, static_cast<std::uint16_t>(e), d);
  }

  ParserHost& host_;
  AppProto proto_;
  std::array<Side, 2> sides_;
  std::array<bool, 2> ended_{};
  std::deque<PgsqlTransaction*> open_;  // live: they are not complete
  Authentication asked_ = Authentication::ok;
  bool ssl_asked_ = false, ready_ = false;  // ready_: logged in
};

PgsqlTransaction& PgsqlParser::open() {
  const bool too_many = open_.size() >= kMostOpen;
  if (too_many) close();
  auto* tx = static_cast<PgsqlTransaction*>(
      host_.add(std::make_unique<PgsqlTransaction>(proto_, host_.next_transaction_id())));
  if (too_many) raise(tx, Event::too_many_transactions, Direction::to_server);
  open_.push_back(tx);
  return *tx;
}

PgsqlTransaction& PgsqlParser::answered() {
  PgsqlTransaction& tx = open_.empty() ? open() : *open_.front();
  tx.response.any = true;
  return tx;
}

void PgsqlParser::close() {
  if (open_.empty()) return;
  open_.front()->complete();
  open_.pop_front();
}

void PgsqlParser::fail(Direction d, Event e) {
  PgsqlTransaction& tx = open();
  raise(&tx, e, d);
  while (!open_.empty()) close();
  host_.stop(Direction::to_server);
  host_.stop(Direction::to_client);
}

void PgsqlParser::end(Direction d) {
  ended_[index(d)] = true;
  if (!ended_[0] || !ended_[1]) return;
  while (!open_.empty()) close();
}

void PgsqlParser::gap(Direction d, std::uint64_t bytes) {
  Side& side = sides_[index(d)];
  if (bytes <= side.skip) {
    side.skip -= bytes;
    return;
  }
  side.skip = 0;
  side.held.clear();
  side.lost = true;
}

bool known_type(Direction d, char type) {
  const std::string_view types =
      d == Direction::to_server ? "QPBDESHCFXpdcf" : "RSKZTDCENIdcGHWA123nstvV";
  return types.find(type) != std::string_view::npos;
}

// A type and a length that leads exactly to the end, or to another type.
bool plausible(Direction d, Bytes in) {
  for (int messages = 0; messages < 3 && !in.empty(); ++messages) {
    if (!known_type(d, static_cast<char>(in[0]))) return false;
    Reader r(in);
    r.skip(1);
    const std::uint32_t length = r.u32();
    if (!r.ok()) return messages > 0;
    if (length < 4 || length > kMostMessage) return false;
    if (in.size() <= length + std::size_t{1}) return true;
    in = in.subspan(length + std::size_t{1});
  }
  return !in.empty();
}

void PgsqlParser::data(Direction d, Bytes data) {
  Side& side = sides_[index(d)];
  const auto drop = static_cast<std::size_t>(std::min<std::uint64_t>(side.skip, data.size()));
  side.skip -= drop;
  data = data.subspan(drop);
  if (data.empty() || (side.lost && !plausible(d, data))) return;
  side.lost = false;
  side.held.consume(data, [&](Bytes in) {
    const std::size_t used = next(d, in);
    if (used > 0) host_.inspect_raw(d);
    return used;
  });
}

std::size_t PgsqlParser::next(Direction d, Bytes in) {
  Side& side = sides_[index(d)];
  if (d == Direction::to_client && ssl_asked_) return encryption_answer(in);
  if (d == Direction::to_server && !ready_ && in[0] == std::byte{0}) return first_message(in);
  if (in.size() < kHeader) return 0;
  Reader r(in);
  const char type = static_cast<char>(r.u8());
  const std::uint32_t length = r.u32();
  if (length < 4) {
    fail(d, Event::invalid_length);
    return 0;
  }
  const std::size_t size = std::size_t{length} + 1;
  // Rows and copied data count only; of a row the number of columns is wanted.
  const bool bulk = type == 'd' || (type == 'D' && d == Direction::to_client);
  const std::size_t wanted = bulk ? std::min<std::size_t>(size, kHeader + 2) : size;
  if (!bulk && size > kMostMessage) {
    const std::size_t here = std::min(size, in.size());
    side.skip = size - here;
    return here;
  }
  if (in.size() < wanted) return 0;
  const Bytes body = in.subspan(kHeader, wanted - kHeader);
  const bool good = d == Direction::to_server ? frontend(type, body, size - kHeader)
                                              : backend(type, body, size - kHeader);
  if (!good) {
    fail(d, d == Direction::to_server ? Event::malformed_request : Event::malformed_response);
    return 0;
  }
  const std::size_t here = std::min(size, in.size());
  side.skip = size - here;
  return here;
}

// Startup, SSL, GSS and cancel have no type.
std::size_t PgsqlParser::first_message(Bytes in) {
  Reader r(in);
  const std::uint32_t length = r.u32();
  if (!r.ok()) return 0;
  if (length < 8 || length > 65536) {
    fail(Direction::to_server, Event::invalid_length);
    return 0;
  }
  if (in.size() < length) return 0;
  Request request;
  if (!read_first(in.subspan(4, length - 4), request)) {
    fail(Direction::to_server, Event::malformed_request);
    return 0;
  }
  PgsqlTransaction& tx = open();
  tx.request = std::move(request);
  tx.set_progress(Direction::to_server, 1);
  ssl_asked_ = tx.request.kind == Kind::ssl || tx.request.kind == Kind::gss;
  if (tx.request.kind == Kind::cancel) close();
  return length;
}

// One byte: S or G, N, or the beginning of an error of an old server.
std::size_t PgsqlParser::encryption_answer(Bytes in) {
  ssl_asked_ = false;
  const char answer = static_cast<char>(in[0]);
  if (answer != 'S' && answer != 'N' && answer != 'G') return next(Direction::to_client, in);
  PgsqlTransaction& tx = answered();
  tx.response.ssl_accepted = answer != 'N';
  const bool ssl = tx.request.kind == Kind::ssl;
  close();
  if (answer == 'S' && ssl) {
    host_.change_protocol();
  } else if (answer == 'G') {
    for (const Direction d : {Direction::to_server, Direction::to_client}) {
      host_.hide_payload(d);
      host_.stop(d);
    }
  }
  return 1;
}

void PgsqlParser::copy_data(std::size_t size) {
  if (open_.empty() || open_.back()->request.kind != Kind::copy_data)
    open().request.kind = Kind::copy_data;
  Request& r = open_.back()->request;
  ++r.messages;
  r.bytes += size;
}

bool PgsqlParser::frontend(char type, Bytes body, std::size_t size) {
  Request request;
  switch (type) {
    case 'Q':
      request.kind = Kind::query;
      request.text = c_text(body);
      break;
    case 'P':
      if (!read_parse(body, request)) return false;
      break;
    case 'p':
      if (!read_password(body, asked_, request)) return false;
      break;
    case 'd':
      copy_data(size);
      return true;
    case 'c':
      if (!open_.empty() && open_.back()->request.kind == Kind::copy_data)
        open_.back()->request.copy_done = true;
      return true;
    case 'f':
      request.kind = Kind::copy_fail;
      request.text = c_text(body);
      break;
    case 'X':
      request.kind = Kind::terminate;
      break;
    default:
      return true;  // bind, execute and the like, which say nothing of their own
  }
  PgsqlTransaction& tx = open();
  tx.request = std::move(request);
  tx.set_progress(Direction::to_server, 1);
  if (tx.request.kind == Kind::terminate)
    while (!open_.empty()) close();
  return true;
}

bool PgsqlParser::authentication(PgsqlTransaction& tx, Bytes body) {
  Authentication what{};
  if (!read_authentication(body, tx.response, what)) return false;
  switch (what) {
    case Authentication::ok:
      ready_ = true;
      break;
    case Authentication::sasl_final:
      break;
    default:
      asked_ = what;
      close();  // the next word is the client's
      break;
  }
  return true;
}

bool PgsqlParser::backend(char type, Bytes body, std::size_t size) {
  const std::string_view asynchronous = "AN123ntsvV";
  if (open_.empty() && (type == 'Z' || type == 'S' || type == 'K' ||
                        asynchronous.find(type) != std::string_view::npos))
    return true;
  switch (type) {
    case 'R':
      return authentication(answered(), body);
    case 'S':
      return read_parameter(body, answered().response);
    case 'K':
      return read_key(body, answered().response);
    case 'Z':
      ready_ = true;
      close();
      return true;
    case 'T':
      read_fields(body, answered().response);
      return true;
    case 'D': {
      Response& r = answered().response;
      ++r.rows;
      const std::size_t lengths = std::size_t{Reader(body).u16()} * 4 + 2;
      r.row_bytes += size - std::min(size, lengths);
      return true;
    }
    case 'C': {
      Response& r = answered().response;
      if (r.completed.size() < PgsqlTransaction::kMostTexts) r.completed.push_back(c_text(body));
      return true;
    }
    case 'N':
    case 'E': {
      const bool good = read_error(body, answered().response);
      if (type == 'E' && !ready_) close();
      return good;
    }
    case 'G':
    case 'H':
      read_copy(body, type == 'H', answered().response);
      if (type == 'G') close();
      return true;
    case 'd':
      ++answered().response.copied;
      answered().response.copied_bytes += size;
      return true;
    case 'c':
      answered().response.copy_done = true;
      return true;
    default:
      return true;
  }
}

Probe probe_first(Bytes data) {
  Reader in(data);
  const std::uint32_t length = in.u32(), code = in.u32();
  if (!in.ok()) {
    // Lengths are small: the first two bytes are zero.
    const auto zero = [&](std::size_t i) { return data.size() <= i || data[i] == std::byte{0}; };
    return zero(0) && zero(1) ? Probe::maybe : Probe::no;
  }
  if (code == kSsl || code == kGss) return length == 8 ? Probe::yes : Probe::no;
  if (code == kCancel) return length >= 16 && length <= 272 ? Probe::yes : Probe::no;
  if (code >> 16 != 3 || (code & 0xffff) > 9 || length < 9 || length > 65536) return Probe::no;
  const std::string_view rest = as_text(in.rest());
  constexpr std::string_view kUser("user\0", 5);
  if (rest.size() < kUser.size()) return kUser.starts_with(rest) ? Probe::maybe : Probe::no;
  const std::string_view names[] = {kUser,     "database",  "application", "client_", "replication",
                                    "options", "DateStyle", "TimeZone",    "extra_",  "_pq_"};
  return std::ranges::any_of(names, [&](std::string_view n) { return rest.starts_with(n); })
             ? Probe::yes
             : Probe::no;
}

Probe probe(Direction d, Bytes data, bool port_hint) {
  if (data.empty()) return Probe::maybe;
  if (data[0] == std::byte{0}) return d == Direction::to_server ? probe_first(data) : Probe::no;
  if (!port_hint) return Probe::no;
  if (data.size() < kHeader)
    return known_type(d, static_cast<char>(data[0])) ? Probe::maybe : Probe::no;
  return plausible(d, data) ? Probe::yes : Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<PgsqlParser>(host, proto);
}

constexpr BufferSpec kBuffers[] = {{.name = "pgsql.query",
                                    .sides = Sides::to_server,
                                    .ready = {1, 1},
                                    .privacy = FieldClass::content}};
constexpr std::string_view kEvents[] = {"too_many_transactions", "malformed_request",
                                        "malformed_response", "invalid_length",
                                        "too_many_responses"};

}  // namespace

const ProtocolSpec kSpec{.name = "pgsql",
                         .rule_names = {"pgsql"},
                         .complete = {1, 1},
                         .buffers = kBuffers,
                         .event_prefix = "pgsql",
                         .events = kEvents};

}  // namespace pgsql

const Protocol kPgsql{&pgsql::kSpec, pgsql::probe, pgsql::kPorts, pgsql::make};

}  // namespace chieng::collector
