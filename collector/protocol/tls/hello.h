// Client and server hello (RFC 5246, RFC 8446) as values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes/bytes.h"

namespace chieng::collector::tls {

struct HelloFaults {
  bool multiple_sni = false, bad_sni_type = false, bad_sni_length = false, bad_length = false;
};

struct Hello {
  std::uint16_t version = 0;  // legacy_version of the message
  std::array<std::byte, 32> random{};
  bool has_session_id = false;
  std::vector<std::uint16_t> ciphers;  // of a server hello: the chosen one
  std::vector<std::uint16_t> extensions;
  std::vector<std::uint16_t> groups, signature_algorithms, supported_versions;
  std::vector<std::uint8_t> point_formats;
  std::vector<std::string> alpn;
  std::optional<std::string> sni;
  HelloFaults faults;

  // The version that this hello offers at most or, of a server, chose.
  [[nodiscard]] std::uint16_t best_version() const;
};

// The body of the handshake message. Lengths that do not fit end the reading; what was read so far
// stays.
[[nodiscard]] std::optional<Hello> parse_client_hello(Bytes body);
[[nodiscard]] std::optional<Hello> parse_server_hello(Bytes body);

[[nodiscard]] bool is_grease(std::uint16_t value);  // RFC 8701
[[nodiscard]] std::string ja3_text(const Hello& client);
[[nodiscard]] std::string ja3s_text(const Hello& server);
// transport: 't' over TCP, 'q' over QUIC, 'd' over UDP.
[[nodiscard]] std::string ja4(const Hello& client, char transport = 't');

}  // namespace chieng::collector::tls
