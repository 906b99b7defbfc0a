#include "collector/protocol/ftp/port.h"

#include <array>
#include <charconv>

namespace chieng::collector::ftp {
namespace {

std::optional<unsigned> number(std::string_view& text, unsigned limit) {
  unsigned out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || out > limit) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return out;
}

std::optional<Endpoint> six_numbers(std::string_view text) {
  std::array<unsigned, 6> n{};
  for (std::size_t i = 0; i < n.size(); ++i) {
    if (i > 0) {
      if (!text.starts_with(',')) return std::nullopt;
      text.remove_prefix(1);
    }
    const auto value = number(text, 255);
    if (!value) return std::nullopt;
    n[i] = *value;
  }
  const auto port = static_cast<std::uint16_t>(n[4] << 8 | n[5]);
  if (port == 0) return std::nullopt;
  return Endpoint{IpAddress::v4(n[0] << 24 | n[1] << 16 | n[2] << 8 | n[3]), port};
}

std::optional<std::uint16_t> port_before(std::string_view text, char delimiter) {
  const auto value = number(text, 65535);
  if (!value || *value == 0 || !text.starts_with(delimiter)) return std::nullopt;
  return static_cast<std::uint16_t>(*value);
}

}  // namespace

std::optional<Endpoint> parse_port(std::string_view text) {
  return six_numbers(text);
}

std::optional<Endpoint> parse_eprt(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  const char delimiter = text[0];
  const auto family_end = text.find(delimiter, 1);
  if (family_end == std::string_view::npos) return std::nullopt;
  const auto address_end = text.find(delimiter, family_end + 1);
  if (address_end == std::string_view::npos) return std::nullopt;
  const auto address = parse_address(text.substr(family_end + 1, address_end - family_end - 1));
  const auto port = port_before(text.substr(address_end + 1), delimiter);
  if (!address || !port) return std::nullopt;
  return Endpoint{*address, *port};
}

std::optional<Endpoint> parse_pasv_reply(std::string_view text) {
  const auto open = text.find('(');
  // Some servers leave the brackets out (RFC 1123 section 4.1.2.6): the first digit begins it.
  const auto at = open != std::string_view::npos ? open + 1 : text.find_first_of("0123456789");
  return at < text.size() ? six_numbers(text.substr(at)) : std::nullopt;
}

std::optional<Endpoint> parse_epsv_reply(std::string_view text) {
  const auto open = text.find('(');
  if (open == std::string_view::npos || text.size() < open + 5) return std::nullopt;
  const std::string_view inside = text.substr(open + 1);
  const char delimiter = inside[0];
  if (inside[1] != delimiter || inside[2] != delimiter) return std::nullopt;
  const auto port = port_before(inside.substr(3), delimiter);
  if (!port) return std::nullopt;
  return Endpoint{{}, *port};
}

}  // namespace chieng::collector::ftp
