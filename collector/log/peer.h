// Addresses and host names as log lines write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/net/address.h"

namespace chieng::collector {

// "1.2.3.4", "001.2.3.4", "[2001:db8::1]", "fe80::1%eth0", "::ffff:1.2.3.4" (becomes IPv4).
[[nodiscard]] std::optional<IpAddress> logged_address(std::string_view text);
// A DNS name in form: labels of letters, digits, - and _; not only digits and dots. A final dot is
// allowed.
[[nodiscard]] bool is_host_name(std::string_view text);
// How many bytes at the start of text can be an address (names: or a host name), longest first.
void peer_lengths(std::string_view text, bool names, std::vector<std::uint32_t>& out);

}  // namespace chieng::collector
