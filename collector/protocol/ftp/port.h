// Addresses and ports in commands and replies.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/net/address.h"

namespace chieng::collector::ftp {

struct Endpoint {
  IpAddress address;  // none where only the port is told
  std::uint16_t port = 0;
};

// PORT's argument and the brackets of a 227 reply: h1,h2,h3,h4,p1,p2 (RFC 959 section 4.1.2).
[[nodiscard]] std::optional<Endpoint> parse_port(std::string_view text);
// EPRT's argument: |1|address|port| (RFC 2428 section 2), any delimiter.
[[nodiscard]] std::optional<Endpoint> parse_eprt(std::string_view text);
// The text of a 227 and of a 229 reply.
[[nodiscard]] std::optional<Endpoint> parse_pasv_reply(std::string_view text);
[[nodiscard]] std::optional<Endpoint> parse_epsv_reply(std::string_view text);

}  // namespace chieng::collector::ftp
