// The header of a rule: protocol, addresses, ports, direction.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error/result.h"
#include "core/inspect/packet.h"
#include "core/net/address.h"
#include "core/net/port_set.h"

namespace chieng::suricata {

enum class L4 : std::uint8_t {
  any,
  tcp,
  udp,
  icmp,
  icmpv4,
  icmpv6,
  ipv4,
  ipv6,
  sctp,
  igmp,
  link,
  arp
};

// The addresses of what is evaluated: a packet's own, or a flow's seen from one side.
struct Addresses {
  IpAddress src, dst;
  std::uint16_t src_port = 0, dst_port = 0;
  bool has_ports = false;
  std::uint8_t proto = 0, ip_version = 0;
  std::uint16_t ether_type = 0;
};

struct Endpoints {  // null: any
  std::shared_ptr<const AddressSet> src, dst;
  std::shared_ptr<const PortSet> src_port, dst_port;
  [[nodiscard]] bool match(const Addresses& a) const;
};

struct Header {
  L4 l4 = L4::any;
  Endpoints forward;
  bool both_ways = false;  // <>: also with source and destination exchanged
  [[nodiscard]] bool match(const Addresses& a) const;
};

[[nodiscard]] constexpr std::uint16_t bit(L4 l4) {
  return static_cast<std::uint16_t>(1u << static_cast<unsigned>(l4));
}
// All that the addresses are, a bit each.
[[nodiscard]] std::uint16_t l4_bits(const Addresses& a);

// Turns the texts of addresses and ports into sets; equal texts share one.
class HeaderSets {
 public:
  explicit HeaderSets(std::map<std::string, std::string, std::less<>> variables)
      : variables_(std::move(variables)) {}

  struct AddressEntry {
    std::shared_ptr<const AddressSet> set;  // null: any
    bool loose = false;                     // written with a negation or an a-b range
  };
  [[nodiscard]] Result<AddressEntry> addresses(std::string_view text);
  [[nodiscard]] Result<std::shared_ptr<const PortSet>> ports(std::string_view text);

 private:
  Result<AddressSet> address_element(std::string_view text, int depth, bool& loose);
  Result<AddressSet> address_list(std::string_view text, int depth, bool& loose);
  Result<PortSet> port_element(std::string_view text, int depth);
  Result<PortSet> port_list(std::string_view text, int depth);
  Result<std::string_view> variable(std::string_view name) const;

  std::map<std::string, std::string, std::less<>> variables_;
  std::map<std::string, AddressEntry, std::less<>> address_cache_;
  std::map<std::string, std::shared_ptr<const PortSet>, std::less<>> port_cache_;
};

// HOME_NET and the others as a site has them that says nothing.
[[nodiscard]] std::map<std::string, std::string, std::less<>> default_variables();

}  // namespace chieng::suricata
