// Endpoints ("tcp://host:port") as an agent may use them: a server that listens on all interfaces
// does not know under which address this agent reaches it.
#pragma once

#include <string>
#include <string_view>

namespace chieng::agent {

// Whether the host means "all interfaces": 0.0.0.0, [::], *.
[[nodiscard]] bool is_wildcard(std::string_view endpoint);

// `told`, with the host of `used` where told's is a wildcard.
[[nodiscard]] std::string reachable_endpoint(const std::string& told, std::string_view used);

// HOST, HOST:PORT, [IPv6]:PORT or an endpoint as an endpoint; empty stays empty.
[[nodiscard]] std::string endpoint_of(const std::string& server, std::string_view default_port);

}  // namespace chieng::agent
