#include "collector/protocol/dtls/dtls.h"

#include <algorithm>
#include <utility>

#include "collector/protocol/dtls/transaction.h"
#include "core/bytes/reader.h"

namespace chieng::collector {
namespace dtls {
namespace {

constexpr std::uint8_t kHandshake = 22, kClientHello = 1, kServerHello = 2, kVerifyRequest = 3;
constexpr std::size_t kMostHello = 16 * 1024;
constexpr std::uint16_t kPorts[] = {443, 4433, 5684, 5349, 2083};

bool is_version(std::uint16_t version) {
  return version == 0xfeff || version == 0xfefd;  // 1.3 calls itself 1.2 here
}

// A record in the clear: RFC 6347 section 4.1.
struct Record {
  std::uint8_t type = 0;
  std::uint16_t version = 0, epoch = 0;
  Bytes body;
};
std::optional<Record> take_record(Reader& in) {
  constexpr std::size_t kSequence = 6;
  Record out;
  out.type = in.u8();
  out.version = in.u16();
  out.epoch = in.u16();
  in.skip(kSequence);
  out.body = in.take(in.u16());
  if (!in.ok() || !is_version(out.version)) return std::nullopt;
  return out;
}

// Section 4.2.2
struct Fragment {
  std::uint8_t type = 0;
  std::uint32_t length = 0, offset = 0;
  Bytes body;
};
std::optional<Fragment> take_fragment(Reader& in) {
  Fragment out;
  out.type = in.u8();
  out.length = in.u24();
  in.skip(2);
  out.offset = in.u24();
  out.body = in.take(in.u24());
  if (!in.ok() || out.offset + out.body.size() > out.length) return std::nullopt;
  return out;
}

// What a ClientHello says in TLS: without the cookie, which stands behind the session's id.
std::optional<tls::Hello> read_client(Bytes body) {
  constexpr std::size_t kVersionAndRandom = 34;
  Reader in(body);
  in.skip(kVersionAndRandom);
  in.skip(in.u8());
  const std::size_t before = in.position();
  in.skip(in.u8());
  if (!in.ok()) return std::nullopt;
  std::string plain(as_text(body.first(before)));
  plain += as_text(in.rest());
  return tls::parse_client_hello(as_bytes(plain));
}

// Reads up to the ServerHello, then stops.
class DtlsParser final : public Parser {
 public:
  DtlsParser(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {}

  void data(Direction d, Bytes data) override {
    Reader in(data);
    while (!over_ && !in.at_end()) {
      const auto record = take_record(in);
      if (!record || record->epoch != 0) return;
      if (record->type == kHandshake) messages(d, Reader(record->body));
    }
  }
  void gap(Direction, std::uint64_t) override {}
  void end(Direction) override {}

 private:
  void messages(Direction d, Reader in);
  void client_part(const Fragment& fragment);
  void client(Bytes body);
  void server(const Fragment& fragment);
  DtlsTransaction& tx() {
    if (tx_ == nullptr)
      tx_ = static_cast<DtlsTransaction*>(
          host_.add(std::make_unique<DtlsTransaction>(proto_, host_.next_transaction_id())));
    return *tx_;
  }
  void finish() {
    over_ = true;
    tx_ = nullptr;
    std::string().swap(held_);
    for (const Direction d : {Direction::to_server, Direction::to_client}) {
      host_.hide_payload(d);
      host_.stop(d);
    }
  }

  ParserHost& host_;
  AppProto proto_;
  DtlsTransaction* tx_ = nullptr;  // live: the server's side is not complete
  std::string held_;               // of a ClientHello in fragments
  bool over_ = false;
};

void DtlsParser::messages(Direction d, Reader in) {
  while (!over_ && !in.at_end()) {
    const auto fragment = take_fragment(in);
    if (!fragment) {
      host_.event(tx_, static_cast<std::uint16_t>(Event::malformed_hello), d);
      return;
    }
    if (d == Direction::to_server && fragment->type == kClientHello) client_part(*fragment);
    if (d == Direction::to_client) server(*fragment);
  }
}

// Fragments in their order; what comes out of it is not waited for.
void DtlsParser::client_part(const Fragment& fragment) {
  if (fragment.length > kMostHello) return;
  if (fragment.offset == 0) held_.clear();
  if (fragment.offset != held_.size()) return;
  held_ += as_text(fragment.body);
  if (held_.size() < fragment.length) return;
  const std::string whole = std::exchange(held_, {});
  client(as_bytes(whole));
}

void DtlsParser::client(Bytes body) {
  auto hello = read_client(body);
  if (!hello) {
    host_.event(tx_, static_cast<std::uint16_t>(Event::malformed_hello), Direction::to_server);
    return;
  }
  tx().set_client(std::move(*hello));
}

void DtlsParser::server(const Fragment& fragment) {
  if (fragment.type == kVerifyRequest) tx().cookie = true;
  if (fragment.type != kServerHello || fragment.offset != 0) return;
  if (auto hello = tls::parse_server_hello(fragment.body)) tx().set_server(std::move(*hello));
  finish();
}

Probe probe(Direction d, Bytes data, bool) {
  Reader in(data);
  const auto record = take_record(in);
  if (!record || record->type != kHandshake || record->epoch != 0) return Probe::no;
  Reader body(record->body);
  const auto fragment = take_fragment(body);
  if (!fragment) return Probe::no;
  const bool good = d == Direction::to_server
                        ? fragment->type == kClientHello
                        : fragment->type == kServerHello || fragment->type == kVerifyRequest;
  return good ? Probe::yes : Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<DtlsParser>(host, proto);
}

}  // namespace
}  // namespace dtls

const Protocol kDtls{&dtls::kSpec, dtls::probe, dtls::kPorts, dtls::make};

}  // namespace chieng::collector
