#include "agent/commands/endpoint.h"

namespace chieng::agent {
namespace {

constexpr std::string_view kTcp = "tcp://";

std::string_view host(std::string_view endpoint) {
  if (endpoint.starts_with(kTcp)) endpoint.remove_prefix(kTcp.size());
  return endpoint.substr(0, endpoint.rfind(':'));
}

}  // namespace

bool is_wildcard(std::string_view endpoint) {
  const std::string_view name = host(endpoint);
  return name == "0.0.0.0" || name == "[::]" || name == "*";
}

std::string reachable_endpoint(const std::string& told, std::string_view used) {
  if (!is_wildcard(told)) return told;
  return std::string(kTcp) + std::string(host(used)) + told.substr(told.rfind(':'));
}

std::string endpoint_of(const std::string& server, std::string_view default_port) {
  if (server.empty() || server.starts_with(kTcp)) return server;
  const auto colon = server.rfind(':');
  const bool bracketed = server.front() == '[';
  // A bare IPv6 address has colons too; with a port it is written [address]:port.
  if (!bracketed && colon != std::string::npos && server.find(':') != colon)
    return std::string(kTcp) + "[" + server + "]:" + std::string(default_port);
  const bool has_port = colon != std::string::npos && (!bracketed || server[colon - 1] == ']');
  return std::string(kTcp) + server + (has_port ? "" : ":" + std::string(default_port));
}

}  // namespace chieng::agent
