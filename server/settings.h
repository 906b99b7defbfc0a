// Every setting of chieng-server: one table, documented where it stands.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "core/config/settings.h"

namespace chieng::server {

[[nodiscard]] std::span<const SettingSpec> server_settings();

struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};
// "127.0.0.1:8080", "[::1]:8080"
[[nodiscard]] Result<HostPort> parse_host_port(std::string_view text, std::string_view key);

[[nodiscard]] std::filesystem::path data_folder(const Settings& settings);
// The folder's lock and the socket through which commands reach a running server.
[[nodiscard]] std::filesystem::path admin_socket(const Settings& settings);
// What agents are told: the address settings, or the first endpoint listened on.
[[nodiscard]] std::string transport_address(const Settings& settings);
[[nodiscard]] std::string enrolment_address(const Settings& settings);

}  // namespace chieng::server
