#include "collector/protocol/tls/transaction.h"

#include <fmt/core.h>

#include "core/hash/digest.h"
#include "core/time/timestamp.h"

namespace chieng::collector::tls {
namespace {

std::optional<BufferSlice> slice(Bytes data) {
  return BufferSlice{.data = data};
}
std::optional<BufferSlice> text(const std::string& s, std::uint32_t instance) {
  if (s.empty() || instance > 0) return std::nullopt;
  return slice(as_bytes(s));
}
std::optional<BufferSlice> nth(const std::vector<std::string>& list, std::uint32_t instance) {
  if (instance >= list.size()) return std::nullopt;
  return slice(as_bytes(list[instance]));
}

std::string version_name(std::uint16_t version) {
  switch (version) {
    case 0x0002:
      return "SSLv2";
    case 0x0300:
      return "SSLv3";
    case 0x0301:
      return "TLSv1";
    case 0x0302:
      return "TLS 1.1";
    case 0x0303:
      return "TLS 1.2";
    case 0x0304:
      return "TLS 1.3";
    default:
      return version >> 8 == 0x7f ? fmt::format("TLS 1.3 draft-{}", version & 0xff)
                                  : fmt::format("0x{:04x}", version);
  }
}

void write_names(JsonWriter& out, std::string_view key, const std::vector<std::string>& names) {
  if (names.empty()) return;
  out.key(key).begin_array();
  for (const std::string& name : names) out.value(name);
  out.end_array();
}

void write_day(JsonWriter& out, std::string_view key, std::int64_t seconds) {
  out.field(key, to_iso(Timestamp::from_seconds(seconds)).substr(0, 19));
}

Period period(const Certificate& c, Timestamp now) {
  if (now.seconds() > c.not_after) return Period::expired;
  return now.seconds() < c.not_before ? Period::early : Period::valid;
}

}  // namespace

void TlsTransaction::set_client_hello(Hello hello) {
  Side& client = sides_[index(Direction::to_server)];
  if (client.hello) return;  // the second hello after a retry request
  client.hello = std::move(hello);
  reach(Direction::to_server, Progress::hello);
}

void TlsTransaction::set_server_hello(Hello hello) {
  Side& server = sides_[index(Direction::to_client)];
  if (server.hello) return;
  server.hello = std::move(hello);
  reach(Direction::to_client, Progress::hello);
}

std::optional<Event> TlsTransaction::set_certificates(Direction sender,
                                                      std::vector<std::string> chain,
                                                      Timestamp now) {
  Side& side = sides_[index(sender)];
  if (!side.chain.empty() || chain.empty()) return std::nullopt;
  side.chain = std::move(chain);
  side.seen_at = now;
  reach(sender, Progress::certificate);
  const Bytes first = as_bytes(side.chain.front());
  side.is_certificate = is_certificate(first);
  if (side.is_certificate) return std::nullopt;
  auto read = parse_certificate(first);
  if (!read) return read.error();
  side.is_certificate = true;
  side.certificate = std::move(*read);
  return std::nullopt;
}

const Certificate* TlsTransaction::certificate(const Side& side) {
  if (!side.is_certificate) return nullptr;
  if (!side.certificate) {
    auto read = parse_certificate(as_bytes(side.chain.front()));
    side.is_certificate = read.has_value();
    if (read) side.certificate = std::move(*read);
  }
  return side.is_certificate ? &*side.certificate : nullptr;
}

// Of a side whose hello is there.
const TlsTransaction::Prints& TlsTransaction::prints(Direction sender) const {
  const Side& side = sides_[index(sender)];
  if (side.prints) return *side.prints;
  const bool client = sender == Direction::to_server;
  Prints& made = side.prints.emplace();
  made.ja3 = client ? ja3_text(*side.hello) : ja3s_text(*side.hello);
  made.ja3_hash = digest_hex(DigestKind::md5, as_bytes(made.ja3));
  if (client) made.ja4 = ja4(*side.hello);
  return made;
}

std::uint16_t TlsTransaction::version() const {
  const auto& server = sides_[index(Direction::to_client)].hello;
  const auto& client = sides_[index(Direction::to_server)].hello;
  if (server) return server->best_version();
  return client ? client->version : record_version;
}

std::optional<BufferSlice> TlsTransaction::certificate_buffer(Buffer b, const Side& side,
                                                              std::uint32_t instance) const {
  if (b == Buffer::certs) return nth(side.chain, instance);
  const Certificate* const read = certificate(side);
  if (read == nullptr) return std::nullopt;
  const Certificate& c = *read;
  if (b == Buffer::alternative_name) return nth(c.alternative_names, instance);
  if (b == Buffer::cert_subject) return text(c.subject, instance);
  if (b == Buffer::cert_issuer) return text(c.issuer, instance);
  if (b == Buffer::cert_serial) return text(c.serial, instance);
  return text(c.fingerprint, instance);
}

std::optional<BufferSlice> TlsTransaction::print_buffer(Buffer b, Direction d,
                                                        std::uint32_t instance) const {
  if (!sides_[index(d)].hello) return std::nullopt;
  const Prints& made = prints(d);
  if (b == Buffer::ja4_hash) return text(made.ja4, instance);
  const bool hash = b == Buffer::ja3_hash || b == Buffer::ja3s_hash;
  return text(hash ? made.ja3_hash : made.ja3, instance);
}

std::optional<BufferSlice> TlsTransaction::buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const {
  const Side& side = sides_[index(d)];
  const bool client = d == Direction::to_server;
  const auto b = static_cast<Buffer>(local);
  switch (b) {
    case Buffer::cert_subject:
    case Buffer::cert_issuer:
    case Buffer::cert_serial:
    case Buffer::cert_fingerprint:
    case Buffer::certs:
    case Buffer::alternative_name:
      return certificate_buffer(b, side, instance);
    case Buffer::ja3_hash:
    case Buffer::ja3_string:
    case Buffer::ja4_hash:
      return client ? print_buffer(b, d, instance) : std::nullopt;
    case Buffer::ja3s_hash:
    case Buffer::ja3s_string:
      return client ? std::nullopt : print_buffer(b, d, instance);
    case Buffer::sni:
    case Buffer::alpn:
    case Buffer::random:
    case Buffer::random_time:
    case Buffer::random_bytes:
      break;
  }
  if (!side.hello) return std::nullopt;
  if (b == Buffer::alpn) return nth(side.hello->alpn, instance);
  if (instance > 0) return std::nullopt;
  if (b == Buffer::sni)
    return client && side.hello->sni ? slice(as_bytes(*side.hello->sni)) : std::nullopt;
  const Bytes random = side.hello->random;
  if (b == Buffer::random) return slice(random);
  return slice(b == Buffer::random_time ? random.first(4) : random.subspan(4));
}

std::optional<std::uint64_t> TlsTransaction::integer(unsigned local, Direction d,
                                                     std::uint32_t instance) const {
  if (instance > 0) return std::nullopt;
  const Side& side = sides_[index(d)];
  switch (static_cast<Integer>(local)) {
    case Integer::version:
      return version() == 0 ? std::nullopt : std::optional<std::uint64_t>(version());
    case Integer::chain_length:
      return side.chain.empty() ? std::nullopt : std::optional<std::uint64_t>(side.chain.size());
    case Integer::not_before:
      if (const Certificate* c = certificate(side))
        return static_cast<std::uint64_t>(c->not_before);
      break;
    case Integer::not_after:
      if (const Certificate* c = certificate(side)) return static_cast<std::uint64_t>(c->not_after);
      break;
    case Integer::in_time:
      if (const Certificate* c = certificate(side))
        return static_cast<std::uint64_t>(period(*c, side.seen_at));
      break;
  }
  return std::nullopt;
}

void TlsTransaction::write_certificate(JsonWriter& out, const Side& side) const {
  const Certificate* const read = certificate(side);
  if (read == nullptr) return;
  const Certificate& c = *read;
  out.field("subject", c.subject).field("issuerdn", c.issuer);
  write_names(out, "subjectaltname", c.alternative_names);
  out.field("serial", c.serial).field("fingerprint", c.fingerprint);
}

void TlsTransaction::write(JsonWriter& out) const {
  const Side& client = sides_[index(Direction::to_server)];
  const Side& server = sides_[index(Direction::to_client)];
  out.key("tls").begin_object();
  write_certificate(out, server);
  if (client.hello && client.hello->sni) out.field("sni", *client.hello->sni);
  if (version() != 0) out.field("version", version_name(version()));
  if (const Certificate* c = certificate(server)) {
    write_day(out, "notbefore", c->not_before);
    write_day(out, "notafter", c->not_after);
  }
  if (resumed) out.field("session_resumed", true);
  if (client.hello) {
    write_names(out, "client_alpns", client.hello->alpn);
    const Prints& made = prints(Direction::to_server);
    out.key("ja3").begin_object().field("hash", made.ja3_hash).field("string", made.ja3);
    out.end_object().field("ja4", made.ja4);
  }
  if (server.hello) {
    write_names(out, "server_alpns", server.hello->alpn);
    const Prints& made = prints(Direction::to_client);
    out.key("ja3s").begin_object().field("hash", made.ja3_hash).field("string", made.ja3);
    out.end_object();
  }
  if (const Certificate* c = certificate(client)) {
    out.key("client").begin_object();
    write_certificate(out, client);
    write_day(out, "notbefore", c->not_before);
    write_day(out, "notafter", c->not_after);
    out.end_object();
  }
  if (!from_proto.empty()) out.field("from_proto", from_proto);
  out.end_object();
}

}  // namespace chieng::collector::tls
