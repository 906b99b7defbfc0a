#include "rules/suricata/header.h"

#include <fmt/format.h>

#include "rules/suricata/text.h"

namespace chieng::suricata {
namespace {

constexpr int kDepth = 64;
constexpr std::uint16_t kArp = 0x0806;

// Elements of a list, cut at commas outside of inner brackets.
Result<std::vector<std::string_view>> elements(std::string_view text) {
  std::vector<std::string_view> out;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '[') ++depth;
    if (i < text.size() && text[i] == ']' && --depth < 0)
      return fail(ErrorCode::parse, "a bracket ']' has no '['");
    if (i < text.size() && (text[i] != ',' || depth > 0)) continue;
    const auto piece = trim(text.substr(begin, i - begin));
    if (piece.empty()) return fail(ErrorCode::parse, "a list has an empty element");
    out.push_back(piece);
    begin = i + 1;
  }
  if (depth != 0) return fail(ErrorCode::parse, "a bracket '[' is not closed");
  return out;
}

bool is_list(std::string_view text) {
  return text.size() >= 2 && text.front() == '[' && text.back() == ']';
}

Result<PortSet> port_range(std::string_view text) {
  const auto colon = text.find(':');
  const auto low = trim(text.substr(0, colon));
  const auto high = colon == std::string_view::npos ? low : trim(text.substr(colon + 1));
  const auto first = low.empty() && colon != std::string_view::npos
                         ? std::optional<std::uint64_t>(0)
                         : to_number(low);
  const auto last = high.empty() && colon != std::string_view::npos
                        ? std::optional<std::uint64_t>(65535)
                        : to_number(high);
  if (!first || !last || *first > 65535 || *last > 65535 || *first > *last)
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not a port or a range of ports", text));
  PortSet out;
  out.add(static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last));
  return out;
}

}  // namespace

bool Endpoints::match(const Addresses& a) const {
  if (src_port || dst_port) {
    if (!a.has_ports) return false;
    if (src_port && !src_port->contains(a.src_port)) return false;
    if (dst_port && !dst_port->contains(a.dst_port)) return false;
  }
  if (src && !src->contains(a.src)) return false;
  return !dst || dst->contains(a.dst);
}

std::uint16_t l4_bits(const Addresses& a) {
  unsigned out = bit(L4::link);
  if (a.ip_version != 0) out |= bit(L4::any);
  if (a.ip_version == 4) out |= bit(L4::ipv4);
  if (a.ip_version == 6) out |= bit(L4::ipv6);
  if (a.ether_type == kArp) out |= bit(L4::arp);
  switch (a.proto) {
    case ip_proto::tcp:
      return static_cast<std::uint16_t>(out | bit(L4::tcp));
    case ip_proto::udp:
      return static_cast<std::uint16_t>(out | bit(L4::udp));
    case ip_proto::icmp:
      return static_cast<std::uint16_t>(out | bit(L4::icmp) | bit(L4::icmpv4));
    case ip_proto::icmpv6:
      return static_cast<std::uint16_t>(out | bit(L4::icmp) | bit(L4::icmpv6));
    case ip_proto::sctp:
      return static_cast<std::uint16_t>(out | bit(L4::sctp));
    case ip_proto::igmp:
      return static_cast<std::uint16_t>(out | bit(L4::igmp));
    default:
      return static_cast<std::uint16_t>(out);
  }
}

bool Header::match(const Addresses& a) const {
  if ((bit(l4) & l4_bits(a)) == 0) return false;
  if (forward.match(a)) return true;
  if (!both_ways) return false;
  return forward.match(
      {a.dst, a.src, a.dst_port, a.src_port, a.has_ports, a.proto, a.ip_version, a.ether_type});
}

Result<std::string_view> HeaderSets::variable(std::string_view name) const {
  name.remove_prefix(1);
  const auto at = variables_.find(name);
  if (at == variables_.end())
    return fail(ErrorCode::not_found, fmt::format("the variable ${} is not set", name),
                "set it in the settings");
  return trim(at->second);
}

Result<AddressSet> HeaderSets::address_element(std::string_view text, int depth, bool& loose) {
  text = trim(text);
  if (depth > kDepth)
    return fail(ErrorCode::limit, "lists or variables are nested more than 64 deep");
  if (text.starts_with('!')) {
    loose = true;
    CHIENG_TRY(const AddressSet inner, address_element(text.substr(1), depth + 1, loose));
    AddressSet out = AddressSet::any().minus(inner);
    if (out.empty()) return fail(ErrorCode::parse, fmt::format("{} leaves no address", text));
    return out;
  }
  if (text == "any") return AddressSet::any();
  if (text.starts_with('$')) {
    CHIENG_TRY(const std::string_view value, variable(text));
    return address_element(value, depth + 1, loose);
  }
  if (is_list(text)) return address_list(text.substr(1, text.size() - 2), depth + 1, loose);
  if (text.find('-') != std::string_view::npos) loose = true;
  CHIENG_TRY(const AddressRange range, parse_range(text));
  return AddressSet({range});
}

Result<AddressSet> HeaderSets::address_list(std::string_view text, int depth, bool& loose) {
  CHIENG_TRY(const auto pieces, elements(text));
  AddressSet negative;
  std::vector<AddressRange> positive;
  bool has_positive = false;
  for (std::string_view piece : pieces) {
    const bool negated = piece.starts_with('!');
    if (negated) loose = true;
    CHIENG_TRY(const AddressSet set,
               address_element(negated ? piece.substr(1) : piece, depth, loose));
    if (negated)
      negative = negative.united(set);
    else
      positive.insert(positive.end(), set.ranges().begin(), set.ranges().end());
    has_positive = has_positive || !negated;
  }
  AddressSet out =
      (has_positive ? AddressSet(std::move(positive)) : AddressSet::any()).minus(negative);
  if (out.empty())
    return fail(ErrorCode::parse,
                fmt::format("the list [{}] leaves no address", text.substr(0, 80)));
  return out;
}

Result<HeaderSets::AddressEntry> HeaderSets::addresses(std::string_view text) {
  if (const auto at = address_cache_.find(text); at != address_cache_.end()) return at->second;
  AddressEntry entry;
  CHIENG_TRY(AddressSet set, address_element(text, 0, entry.loose));
  if (!set.is_any()) entry.set = std::make_shared<const AddressSet>(std::move(set));
  return address_cache_.emplace(text, entry).first->second;
}

Result<PortSet> HeaderSets::port_element(std::string_view text, int depth) {
  text = trim(text);
  if (depth > kDepth)
    return fail(ErrorCode::limit, "lists or variables are nested more than 64 deep");
  if (text.starts_with('!')) {
    CHIENG_TRY(const PortSet inner, port_element(text.substr(1), depth + 1));
    PortSet out = PortSet::any().minus(inner);
    if (out.empty()) return fail(ErrorCode::parse, fmt::format("{} leaves no port", text));
    return out;
  }
  if (text == "any") return PortSet::any();
  if (text.starts_with('$')) {
    CHIENG_TRY(const std::string_view value, variable(text));
    return port_element(value, depth + 1);
  }
  if (is_list(text)) return port_list(text.substr(1, text.size() - 2), depth + 1);
  return port_range(text);
}

Result<PortSet> HeaderSets::port_list(std::string_view text, int depth) {
  CHIENG_TRY(const auto pieces, elements(text));
  PortSet positive, negative;
  bool has_positive = false;
  for (std::string_view piece : pieces) {
    const bool negated = piece.starts_with('!');
    CHIENG_TRY(const PortSet set, port_element(negated ? piece.substr(1) : piece, depth));
    (negated ? negative : positive) = (negated ? negative : positive).united(set);
    has_positive = has_positive || !negated;
  }
  PortSet out = (has_positive ? positive : PortSet::any()).minus(negative);
  if (out.empty())
    return fail(ErrorCode::parse, fmt::format("the list [{}] leaves no port", text.substr(0, 80)));
  return out;
}

Result<std::shared_ptr<const PortSet>> HeaderSets::ports(std::string_view text) {
  if (const auto at = port_cache_.find(text); at != port_cache_.end()) return at->second;
  CHIENG_TRY(const PortSet set, port_element(text, 0));
  auto entry = set.is_any() ? nullptr : std::make_shared<const PortSet>(set);
  return port_cache_.emplace(text, std::move(entry)).first->second;
}

std::map<std::string, std::string, std::less<>> default_variables() {
  std::map<std::string, std::string, std::less<>> out = {
      {"HOME_NET", "[192.168.0.0/16,10.0.0.0/8,172.16.0.0/12]"},
      {"EXTERNAL_NET", "!$HOME_NET"},
      {"HTTP_PORTS", "80"},
      {"SHELLCODE_PORTS", "!80"},
      {"ORACLE_PORTS", "1521"},
      {"SSH_PORTS", "22"},
      {"FTP_PORTS", "21"},
      {"FILE_DATA_PORTS", "[$HTTP_PORTS,110,143]"},
      {"SIP_PORTS", "[5060,5061]"},
      {"MODBUS_PORTS", "502"},
      {"DNP3_PORTS", "20000"},
      {"VXLAN_PORTS", "4789"},
      {"GENEVE_PORTS", "6081"},
      {"TEREDO_PORTS", "3544"}};
  for (const char* name :
       {"HTTP_SERVERS", "SMTP_SERVERS", "SQL_SERVERS", "DNS_SERVERS", "TELNET_SERVERS",
        "AIM_SERVERS", "DC_SERVERS", "DNP3_SERVER", "DNP3_CLIENT", "MODBUS_CLIENT", "MODBUS_SERVER",
        "ENIP_CLIENT", "ENIP_SERVER"})
    out.emplace(name, "$HOME_NET");
  return out;
}

}  // namespace chieng::suricata
