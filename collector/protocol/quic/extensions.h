// Names of TLS extensions and versions as EVE writes them of QUIC.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace chieng::collector::quic {

[[nodiscard]] std::string_view extension_name(std::uint16_t type);  // empty: it has none
[[nodiscard]] std::string version_name(std::uint16_t version);      // "Tls13"

}  // namespace chieng::collector::quic
