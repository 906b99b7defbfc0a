#include "server/settings.h"

#include <charconv>

namespace chieng::server {

std::span<const SettingSpec> server_settings() {
  using enum SettingKind;
  static const SettingSpec table[] = {
      {"data.folder", text, "/var/lib/chieng-server",
       "Folder of everything that the server keeps: events, groups, accounts, keys."},
      {"data.event_days",
       integer,
       "90",
       "Days that events are kept; older days are deleted as whole files.",
       {},
       1,
       3650},
      {"api.listen", text, "127.0.0.1:8443", "Address and port of the API and the console."},
      {"api.certificate", text, "",
       "PEM file with the certificate chain; with api.key the API speaks TLS, without it plain "
       "HTTP."},
      {"api.key", text, "", "PEM file with the certificate's private key."},
      {"api.workers", integer, "4", "Threads that answer requests.", {}, 1, 64},
      {"auth.session_idle",
       duration,
       "1h",
       "A session ends after so long without a request.",
       {},
       60'000,
       86'400'000},
      {"auth.session_lifetime",
       duration,
       "12h",
       "A session ends after so long in any case.",
       {},
       60'000,
       604'800'000},
      {"transport.listen", texts, "tcp://127.0.0.1:7801",
       "Endpoints for agents, such as tcp://0.0.0.0:7801."},
      {"transport.address", text, "",
       "Endpoint under which agents reach transport.listen; empty: its first entry."},
      {"enrolment.listen", texts, "tcp://127.0.0.1:7802", "Endpoints for enrolment of agents."},
      {"enrolment.address", text, "",
       "Endpoint for enrolment as written into tokens; empty: the first entry of "
       "enrolment.listen."},
      {"log.level",
       choice,
       "info",
       "Least level of messages on standard error.",
       {"debug", "info", "warn", "error"}},
  };
  return table;
}

Result<HostPort> parse_host_port(std::string_view text, std::string_view key) {
  const auto colon = text.rfind(':');
  const auto wrong = [&] {
    return fail(
        ErrorCode::invalid_argument,
        "'" + std::string(text) + "' is not address:port, such as 127.0.0.1:8443 or [::1]:8443",
        std::string(key));
  };
  if (colon == std::string_view::npos || colon == 0) return wrong();
  std::string_view host = text.substr(0, colon);
  if (host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return wrong();
  HostPort out{std::string(host), 0};
  const std::string_view port = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (error != std::errc{} || end != port.data() + port.size() || port.empty() || host.empty())
    return wrong();
  return out;
}

std::filesystem::path data_folder(const Settings& settings) {
  return settings.text("data.folder");
}
std::filesystem::path admin_socket(const Settings& settings) {
  return data_folder(settings) / "admin.sock";
}

namespace {

std::string address(const Settings& settings, std::string_view told, std::string_view listen) {
  if (!settings.text(told).empty()) return settings.text(told);
  const auto& endpoints = settings.texts(listen);
  return endpoints.empty() ? std::string() : endpoints.front();
}

}  // namespace

std::string transport_address(const Settings& s) {
  return address(s, "transport.address", "transport.listen");
}
std::string enrolment_address(const Settings& s) {
  return address(s, "enrolment.address", "enrolment.listen");
}

}  // namespace chieng::server
