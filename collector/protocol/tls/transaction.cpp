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

}  // namespace

void TlsTransaction::set_client_hello(Hello hello) {
  Side& client = sides_[index(Direction::to_server)];
  if (client.hello) return;  // the second hello after a retry request
  ja3_ = ja3_text(hello);
  ja3_hash_ = digest_hex(DigestKind::md5, as_bytes(ja3_));
  ja4_ = ja4(hello);
  client.hello = std::move(hello);
  reach(Direction::to_server, Progress::hello);
}

void TlsTransaction::set_server_hello(Hello hello) {
  Side& server = sides_[index(Direction::to_client)];
  if (server.hello) return;
  ja3s_ = ja3s_text(hello);
  ja3s_hash_ = digest_hex(DigestKind::md5, as_bytes(ja3s_));
  server.hello = std::move(hello);
  reach(Direction::to_client, Progress::hello);
}

std::optional<Event> TlsTransaction::set_certificates(Direction sender,
                                                      std::vector<std::string> chain,
                                                      Timestamp now) {
  Side& side = sides_[index(sender)];
  if (!side.chain.empty() || chain.empty()) return std::nullopt;
  side.chain = std::move(chain);
  reach(sender, Progress::certificate);
  auto first = parse_certificate(as_bytes(side.chain.front()));
  if (!first) return first.error();
  side.period = now.seconds() > first->not_after    ? Period::expired
                : now.seconds() < first->not_before ? Period::early
                                                    : Period::valid;
  side.certificate = std::move(*first);
  return std::nullopt;
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
  if (!side.certificate) return std::nullopt;
  const Certificate& c = *side.certificate;
  if (b == Buffer::alternative_name) return nth(c.alternative_names, instance);
  if (b == Buffer::cert_subject) return text(c.subject, instance);
  if (b == Buffer::cert_issuer) return text(c.issuer, instance);
  if (b == Buffer::cert_serial) return text(c.serial, instance);
  return text(c.fingerprint, instance);
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
      return client ? text(ja3_hash_, instance) : std::nullopt;
    case Buffer::ja3_string:
      return client ? text(ja3_, instance) : std::nullopt;
    case Buffer::ja4_hash:
      return client ? text(ja4_, instance) : std::nullopt;
    case Buffer::ja3s_hash:
      return client ? std::nullopt : text(ja3s_hash_, instance);
    case Buffer::ja3s_string:
      return client ? std::nullopt : text(ja3s_, instance);
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
      if (side.certificate) return static_cast<std::uint64_t>(side.certificate->not_before);
      break;
    case Integer::not_after:
      if (side.certificate) return static_cast<std::uint64_t>(side.certificate->not_after);
      break;
    case Integer::in_time:
      if (side.certificate) return static_cast<std::uint64_t>(side.period);
      break;
  }
  return std::nullopt;
}

void TlsTransaction::write_certificate(JsonWriter& out, const Side& side) const {
  if (!side.certificate) return;
  const Certificate& c = *side.certificate;
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
  if (server.certificate) {
    write_day(out, "notbefore", server.certificate->not_before);
    write_day(out, "notafter", server.certificate->not_after);
  }
  if (resumed) out.field("session_resumed", true);
  if (client.hello) {
    write_names(out, "client_alpns", client.hello->alpn);
    out.key("ja3").begin_object().field("hash", ja3_hash_).field("string", ja3_).end_object();
    out.field("ja4", ja4_);
  }
  if (server.hello) {
    write_names(out, "server_alpns", server.hello->alpn);
    out.key("ja3s").begin_object().field("hash", ja3s_hash_).field("string", ja3s_).end_object();
  }
  if (client.certificate) {
    out.key("client").begin_object();
    write_certificate(out, client);
    write_day(out, "notbefore", client.certificate->not_before);
    write_day(out, "notafter", client.certificate->not_after);
    out.end_object();
  }
  if (!from_proto.empty()) out.field("from_proto", from_proto);
  out.end_object();
}

}  // namespace chieng::collector::tls
