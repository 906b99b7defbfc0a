// A DHCP message (RFC 2131, options: RFC 2132).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes/bytes.h"

namespace chieng::collector::dhcp {

namespace option {
inline constexpr std::uint8_t pad = 0, subnet_mask = 1, routers = 3, dns_servers = 6, hostname = 12,
                              requested_ip = 50, lease_time = 51, overload = 52, message_type = 53,
                              parameters = 55, renewal_time = 58, rebinding_time = 59,
                              vendor_class = 60, client_id = 61, end = 255;
}

struct Option {
  std::uint8_t code = 0;
  std::string data;
};

// Bounded by the datagram.
struct Message {
  std::uint8_t op = 0;  // 1 request, 2 reply
  std::uint32_t id = 0;
  std::string client_ip, assigned_ip, next_server_ip, relay_ip;  // 4 bytes each
  std::string client_mac;
  std::vector<Option> options;
  bool truncated = false, malformed = false;  // of the options

  [[nodiscard]] const Option* find(std::uint8_t code) const;
  // A time in seconds; nothing where the option is not there or not whole.
  [[nodiscard]] std::optional<std::uint32_t> seconds(std::uint8_t code) const;
};

inline constexpr std::size_t kFixedSize = 240;  // with the magic cookie

// Nothing where the fixed part is not whole or the cookie is missing.
[[nodiscard]] std::optional<Message> parse(Bytes datagram);

}  // namespace chieng::collector::dhcp
