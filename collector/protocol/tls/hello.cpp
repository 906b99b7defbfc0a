#include "collector/protocol/tls/hello.h"

#include <algorithm>

#include "core/bytes/reader.h"

namespace chieng::collector::tls {
namespace {

enum : std::uint16_t {
  ext_sni = 0,
  ext_groups = 10,
  ext_points = 11,
  ext_signatures = 13,
  ext_alpn = 16,
  ext_versions = 43
};

std::vector<std::uint16_t> u16_list(Reader in) {
  std::vector<std::uint16_t> out;
  while (in.remaining() >= 2) out.push_back(in.u16());
  return out;
}

void read_sni(Hello& hello, Reader in) {
  if (in.at_end()) return;  // a server's answer carries none
  if (hello.sni) hello.faults.multiple_sni = true;
  Reader list = in.sub(in.u16());
  const std::uint8_t type = list.u8();
  const std::uint16_t length = list.u16();
  if (!list.ok() || length > list.remaining() || length == 0) {
    hello.faults.bad_sni_length = true;
    return;
  }
  if (type != 0) {
    hello.faults.bad_sni_type = true;
    return;
  }
  std::string name(as_text(list.take(length)));
  if (const std::size_t end = name.find('\0'); end != std::string::npos) name.resize(end);
  if (!hello.sni) hello.sni = std::move(name);
}

void read_alpn(Hello& hello, Reader in) {
  Reader list = in.sub(in.u16());
  while (!list.at_end()) {
    const Bytes name = list.take(list.u8());
    if (list.ok()) hello.alpn.emplace_back(as_text(name));
  }
}

void read_extension(Hello& hello, std::uint16_t type, Reader in, bool client) {
  switch (type) {
    case ext_sni:
      read_sni(hello, in);
      break;
    case ext_groups:
      hello.groups = u16_list(in.sub(in.u16()));
      break;
    case ext_points:
      for (const std::byte b : in.take(in.u8()))
        hello.point_formats.push_back(std::to_integer<std::uint8_t>(b));
      break;
    case ext_signatures:
      hello.signature_algorithms = u16_list(in.sub(in.u16()));
      break;
    case ext_alpn:
      read_alpn(hello, in);
      break;
    case ext_versions:
      hello.supported_versions = client ? u16_list(in.sub(in.u8())) : u16_list(in);
      break;
    default:
      break;
  }
}

void read_extensions(Hello& hello, Reader& in, bool client) {
  if (in.at_end()) return;
  Reader list = in.sub(in.u16());
  if (!in.ok()) hello.faults.bad_length = true;
  while (list.remaining() >= 4) {
    const std::uint16_t type = list.u16();
    Reader value = list.sub(list.u16());
    if (!list.ok()) {
      hello.faults.bad_length = true;
      return;
    }
    hello.extensions.push_back(type);
    read_extension(hello, type, value, client);
  }
}

bool read_start(Hello& hello, Reader& in) {
  hello.version = in.u16();
  const Bytes random = in.take(32);
  const Bytes session = in.take(in.u8());
  if (!in.ok()) return false;
  std::ranges::copy(random, hello.random.begin());
  hello.has_session_id = !session.empty();
  return true;
}

}  // namespace

bool is_grease(std::uint16_t value) {
  return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

std::uint16_t Hello::best_version() const {
  std::uint16_t best = 0;
  for (const std::uint16_t v : supported_versions)
    if (!is_grease(v)) best = std::max(best, v);
  return best != 0 ? best : version;
}

std::optional<Hello> parse_client_hello(Bytes body) {
  Reader in(body);
  Hello hello;
  if (!read_start(hello, in)) return std::nullopt;
  const Bytes ciphers = in.take(in.u16());
  const Bytes compression = in.take(in.u8());
  if (!in.ok() || compression.empty()) return std::nullopt;
  hello.ciphers = u16_list(Reader(ciphers));
  read_extensions(hello, in, true);
  return hello;
}

std::optional<Hello> parse_server_hello(Bytes body) {
  Reader in(body);
  Hello hello;
  if (!read_start(hello, in)) return std::nullopt;
  hello.ciphers.push_back(in.u16());
  in.skip(1);
  if (!in.ok()) return std::nullopt;
  read_extensions(hello, in, false);
  return hello;
}

}  // namespace chieng::collector::tls
