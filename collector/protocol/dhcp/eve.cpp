// EVE's dhcp object, the extended form.
#include <fmt/format.h>

#include "collector/protocol/dhcp/transaction.h"
#include "core/bytes/reader.h"

namespace chieng::collector::dhcp {
namespace {

constexpr std::uint8_t kReply = 2;

std::string mac_text(std::string_view bytes) {
  std::string out;
  for (const char c : bytes)
    out += fmt::format("{}{:02x}", out.empty() ? "" : ":", static_cast<unsigned char>(c));
  return out;
}

std::string ip_text(std::string_view b) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(b[i]); };
  return b.size() < 4 ? std::string()
                      : fmt::format("{}.{}.{}.{}", byte(0), byte(1), byte(2), byte(3));
}

std::string_view type_name(std::uint8_t type) {
  static constexpr std::string_view names[] = {"discover", "offer", "request", "decline",
                                               "ack",      "nak",   "release", "inform"};
  return type >= 1 && type <= std::size(names) ? names[type - 1u] : "unknown";
}

// Parameters without a name are not listed.
std::string_view parameter_name(std::uint8_t code) {
  static constexpr std::pair<std::uint8_t, std::string_view> names[] = {
      {1, "subnet_mask"},  {3, "router"},      {6, "dns_server"},        {15, "domain"},
      {35, "arp_timeout"}, {42, "ntp_server"}, {66, "tftp_server_name"}, {150, "tftp_server_ip"}};
  for (const auto& [number, name] : names)
    if (number == code) return name;
  return {};
}

void write_addresses(JsonWriter& out, std::string_view key, std::string_view data) {
  out.key(key).begin_array();
  for (; data.size() >= 4; data.remove_prefix(4)) out.value(ip_text(data));
  out.end_array();
}

void write_parameters(JsonWriter& out, std::string_view codes) {
  out.key("params").begin_array();
  for (const char c : codes)
    if (const auto name = parameter_name(static_cast<std::uint8_t>(c)); !name.empty())
      out.value(name);
  out.end_array();
}

void write_option(JsonWriter& out, const Option& o) {
  const auto number = [&] { return Reader(as_bytes(o.data)).u32(); };
  switch (o.code) {
    case option::lease_time:
      out.field("lease_time", number());
      break;
    case option::renewal_time:
      out.field("renewal_time", number());
      break;
    case option::rebinding_time:
      out.field("rebinding_time", number());
      break;
    case option::message_type:
      out.field("dhcp_type", type_name(static_cast<std::uint8_t>(o.data[0])));
      break;
    case option::subnet_mask:
      out.field("subnet_mask", ip_text(o.data));
      break;
    case option::requested_ip:
      out.field("requested_ip", ip_text(o.data));
      break;
    case option::hostname:
      out.field("hostname", o.data);
      break;
    case option::vendor_class:
      out.field("vendor_class_identifier", o.data);
      break;
    case option::client_id:
      // The first byte is the kind of address.
      out.field("client_id", mac_text(std::string_view(o.data).substr(1)));
      break;
    case option::parameters:
      write_parameters(out, o.data);
      break;
    case option::dns_servers:
      write_addresses(out, "dns_servers", o.data);
      break;
    case option::routers:
      write_addresses(out, "routers", o.data);
      break;
    default:
      break;
  }
}

}  // namespace

void DhcpTransaction::write(JsonWriter& out) const {
  const Message& m = message_;
  out.key("dhcp").begin_object();
  out.field("type", m.op == 1 ? "request" : m.op == kReply ? "reply" : "<unknown>");
  out.field("id", m.id).field("client_mac", mac_text(m.client_mac));
  out.field("assigned_ip", ip_text(m.assigned_ip)).field("client_ip", ip_text(m.client_ip));
  if (m.op == kReply)
    out.field("relay_ip", ip_text(m.relay_ip)).field("next_server_ip", ip_text(m.next_server_ip));
  for (const Option& o : m.options)
    if (m.find(o.code) == &o) write_option(out, o);  // a member stands once
  out.end_object();
}

}  // namespace chieng::collector::dhcp
