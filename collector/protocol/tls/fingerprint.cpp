// JA3 and JA3S (https://github.com/salesforce/ja3), JA4 (https://github.com/FoxIO-LLC/ja4, the TLS
// client part).
#include <fmt/core.h>

#include <algorithm>

#include "collector/protocol/tls/hello.h"
#include "core/hash/digest.h"

namespace chieng::collector::tls {
namespace {

template <class T>
std::string joined(const std::vector<T>& values) {
  std::string out;
  for (const T v : values) {
    if constexpr (sizeof(T) == 2)
      if (is_grease(v)) continue;
    if (!out.empty()) out += '-';
    out += std::to_string(v);
  }
  return out;
}

std::string hex_list(const std::vector<std::uint16_t>& values) {
  std::string out;
  for (const std::uint16_t v : values) out += fmt::format("{}{:04x}", out.empty() ? "" : ",", v);
  return out;
}

std::vector<std::uint16_t> without_grease(std::vector<std::uint16_t> values) {
  std::erase_if(values, is_grease);
  return values;
}

std::string short_hash(const std::string& text) {
  return text.empty() ? std::string(12, '0')
                      : digest_hex(DigestKind::sha256, as_bytes(text)).substr(0, 12);
}

std::string_view version_mark(std::uint16_t version) {
  switch (version) {
    case 0x0304:
      return "13";
    case 0x0303:
      return "12";
    case 0x0302:
      return "11";
    case 0x0301:
      return "10";
    case 0x0300:
      return "s3";
    case 0x0002:
      return "s2";
    case 0xfeff:
      return "d1";
    case 0xfefd:
      return "d2";
    case 0xfefc:
      return "d3";
    default:
      return "00";
  }
}

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string alpn_mark(const Hello& client) {
  if (client.alpn.empty() || client.alpn[0].empty()) return "00";
  const std::string& name = client.alpn[0];
  if (is_alnum(name.front()) && is_alnum(name.back())) return {name.front(), name.back()};
  const std::string hex = to_hex(as_bytes(name));
  return {hex.front(), hex.back()};
}

}  // namespace

std::string ja3_text(const Hello& client) {
  return fmt::format("{},{},{},{},{}", client.version, joined(client.ciphers),
                     joined(client.extensions), joined(client.groups),
                     joined(client.point_formats));
}

std::string ja3s_text(const Hello& server) {
  return fmt::format("{},{},{}", server.version, joined(server.ciphers), joined(server.extensions));
}

std::string ja4(const Hello& client, char transport) {
  std::vector<std::uint16_t> ciphers = without_grease(client.ciphers);
  std::vector<std::uint16_t> extensions = without_grease(client.extensions);
  const std::string start =
      fmt::format("{}{}{}{:02}{:02}{}", transport, version_mark(client.best_version()),
                  client.sni ? 'd' : 'i', std::min<std::size_t>(ciphers.size(), 99),
                  std::min<std::size_t>(extensions.size(), 99), alpn_mark(client));
  std::ranges::sort(ciphers);
  std::ranges::sort(extensions);
  std::erase_if(extensions, [](std::uint16_t e) {
    return e == 0 || e == 16;
  });  // SNI and ALPN are told in front
  std::string last = hex_list(extensions);
  const std::string algorithms = hex_list(without_grease(client.signature_algorithms));
  if (!last.empty()) last += "_" + algorithms;
  return fmt::format("{}_{}_{}", start, short_hash(hex_list(ciphers)), short_hash(last));
}

}  // namespace chieng::collector::tls
