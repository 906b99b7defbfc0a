// Fields of packet headers: ttl, flags, itype, id, window, dsize …
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/bytes/reader.h"
#include "rules/suricata/keywords/keywords.h"
#include "rules/suricata/text.h"

namespace chieng::suricata::keywords {
namespace {

using Read = std::optional<std::uint64_t>;

const PacketView* real(const Inspection& in) {
  return in.packet->pseudo ? nullptr : in.packet;
}
const PacketView* tcp(const Inspection& in) {
  const PacketView* p = real(in);
  return p != nullptr && p->proto == ip_proto::tcp && p->has_ports ? p : nullptr;
}
const PacketView* icmp(const Inspection& in) {
  const PacketView* p = real(in);
  return p != nullptr && p->has_icmp ? p : nullptr;
}

Read dsize(const Inspection& in) {
  const PacketView* p = real(in);
  return p != nullptr && p->ip_version != 0 ? Read(p->payload.size()) : std::nullopt;
}
Read ttl(const Inspection& in) {
  return real(in) != nullptr && in.packet->ip_version != 0 ? Read(in.packet->ttl) : std::nullopt;
}
Read tos(const Inspection& in) {
  return real(in) != nullptr && in.packet->ip_version == 4 ? Read(in.packet->tos) : std::nullopt;
}
Read ip_id(const Inspection& in) {
  return real(in) != nullptr && in.packet->ip_version == 4 ? Read(in.packet->ip_id) : std::nullopt;
}
Read fragment_offset(const Inspection& in) {
  const PacketView* p = real(in);
  if (p == nullptr || p->ip_version == 0 || (p->ip_version == 6 && !p->is_fragment))
    return std::nullopt;
  return p->fragment_offset;
}
Read ip_protocol(const Inspection& in) {
  return in.packet->ip_version != 0 ? Read(in.packet->proto) : std::nullopt;
}
Read icmp_type(const Inspection& in) {
  return icmp(in) != nullptr ? Read(in.packet->icmp_type) : std::nullopt;
}
Read icmp_code(const Inspection& in) {
  return icmp(in) != nullptr ? Read(in.packet->icmp_code) : std::nullopt;
}

bool is_echo(const PacketView& p) {
  return p.ip_version == 6 ? p.icmp_type == 128 || p.icmp_type == 129
                           : p.icmp_type == 8 || p.icmp_type == 0;
}
Read icmp_word(const Inspection& in, std::size_t at) {
  const PacketView* p = icmp(in);
  if (p == nullptr || !is_echo(*p)) return std::nullopt;
  Reader r(p->l4_header);
  r.skip(at);
  const std::uint16_t value = r.u16();
  return r.ok() ? Read(value) : std::nullopt;
}
Read icmp_id(const Inspection& in) {
  return icmp_word(in, 4);
}
Read icmp_seq(const Inspection& in) {
  return icmp_word(in, 6);
}
Read icmpv6_mtu(const Inspection& in) {
  const PacketView* p = icmp(in);
  if (p == nullptr || p->ip_version != 6 || p->icmp_type != 2) return std::nullopt;
  Reader r(p->l4_header);
  r.skip(4);
  const std::uint32_t value = r.u32();
  return r.ok() ? Read(value) : std::nullopt;
}
Read igmp_type(const Inspection& in) {
  const PacketView* p = real(in);
  if (p == nullptr || p->proto != ip_proto::igmp || p->l4_header.empty()) return std::nullopt;
  return std::to_integer<std::uint8_t>(p->l4_header[0]);
}
Read tcp_seq(const Inspection& in) {
  return tcp(in) != nullptr ? Read(in.packet->tcp_seq) : std::nullopt;
}
Read tcp_ack(const Inspection& in) {
  return tcp(in) != nullptr ? Read(in.packet->tcp_ack) : std::nullopt;
}
Read tcp_window(const Inspection& in) {
  return tcp(in) != nullptr ? Read(in.packet->tcp_window) : std::nullopt;
}

// The value of a TCP option of that kind and whole length.
Read tcp_option(const Inspection& in, std::uint8_t kind, std::uint8_t length) {
  const PacketView* p = tcp(in);
  if (p == nullptr) return std::nullopt;
  Reader r(p->l4_header);
  r.skip(20);
  while (!r.at_end()) {
    const std::uint8_t k = r.u8();
    if (k == 0) break;
    if (k == 1) continue;
    const std::uint8_t size = r.u8();
    if (!r.ok() || size < 2) break;
    Reader body = r.sub(size - 2u);
    if (!r.ok()) break;
    if (k == kind && size == length) return length == 4 ? Read(body.u16()) : Read(body.u8());
  }
  return std::nullopt;
}
Read tcp_mss(const Inspection& in) {
  return tcp_option(in, 2, 4);
}
Read tcp_scale(const Inspection& in) {
  return tcp_option(in, 3, 3);
}

template <auto read, std::uint64_t limit>
Status field(Builder& b, std::string_view v) {
  Field out{read, {}};
  CHIENG_TRY(out.match, parse_integer(v, limit));
  b.rule().conditions.push_back({out, b.option_index()});
  return {};
}

Status parse_tos(Builder& b, std::string_view v) {
  const bool negated = b.negate(v);
  std::string text(v);
  if (text.starts_with('x') || text.starts_with('X')) text.insert(0, "0");
  Field out{tos, {}};
  CHIENG_TRY(out.match, parse_integer(text, 255));
  if (negated) out.match.op = IntegerMatch::Op::not_equal;
  b.rule().conditions.push_back({out, b.option_index()});
  return {};
}

Status parse_ip_proto(Builder& b, std::string_view v) {
  static constexpr std::array kNames = {
      NamedValue{"icmp", 1},       NamedValue{"igmp", 2},   NamedValue{"ipip", 4},
      NamedValue{"tcp", 6},        NamedValue{"egp", 8},    NamedValue{"igp", 9},
      NamedValue{"udp", 17},       NamedValue{"ipv6", 41},  NamedValue{"gre", 47},
      NamedValue{"esp", 50},       NamedValue{"ah", 51},    NamedValue{"icmpv6", 58},
      NamedValue{"ipv6-icmp", 58}, NamedValue{"eigrp", 88}, NamedValue{"ospf", 89},
      NamedValue{"pim", 103},      NamedValue{"vrrp", 112}, NamedValue{"l2tp", 115},
      NamedValue{"sctp", 132}};
  Field out{ip_protocol, {}};
  CHIENG_TRY(out.match, parse_integer(v, 255, kNames));
  b.rule().conditions.push_back({out, b.option_index()});
  return {};
}

Result<std::uint8_t> flag_bits(std::string_view letters) {
  std::uint8_t out = 0;
  for (const char c : letters) {
    switch (c) {
      case 'F':
      case 'f':
        out |= tcp_flag::fin;
        break;
      case 'S':
      case 's':
        out |= tcp_flag::syn;
        break;
      case 'R':
      case 'r':
        out |= tcp_flag::rst;
        break;
      case 'P':
      case 'p':
        out |= tcp_flag::psh;
        break;
      case 'A':
      case 'a':
        out |= tcp_flag::ack;
        break;
      case 'U':
      case 'u':
        out |= tcp_flag::urg;
        break;
      case 'E':
      case 'e':
      case '2':
        out |= tcp_flag::ece;
        break;
      case 'C':
      case 'c':
      case '1':
        out |= tcp_flag::cwr;
        break;
      case '0':
        break;
      default:
        return fail(ErrorCode::parse, fmt::format("'{}' is not a TCP flag", c),
                    "the flags are F S R P A U E C and 0");
    }
  }
  return out;
}

Status parse_flags(Builder& b, std::string_view v) {
  const auto parts = split(v, ',');
  if (parts.size() > 2 || parts[0].empty())
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not a list of flags", v));
  TcpFlags out;
  std::string letters;
  for (const char c : parts[0]) {
    if (c == '+' || c == '*' || c == '!')
      out.modifier = c;
    else if (c != ' ')
      letters += c;
  }
  CHIENG_TRY(out.mask, flag_bits(letters));
  if (parts.size() == 2) {
    CHIENG_TRY(out.ignore, flag_bits(parts[1]));
  }
  b.rule().conditions.push_back({out, b.option_index()});
  return {};
}

Status parse_fragbits(Builder& b, std::string_view v) {
  FragmentBits out;
  for (const char c : v) {
    switch (c) {
      case 'M':
      case 'm':
        out.mask |= 1;
        break;
      case 'D':
      case 'd':
        out.mask |= 2;
        break;
      case 'R':
      case 'r':
        out.mask |= 4;
        break;
      case '+':
      case '*':
      case '!':
        out.modifier = c;
        break;
      case '-':
        out.modifier = '!';
        break;
      case ' ':
        break;
      default:
        return fail(ErrorCode::parse, fmt::format("'{}' is not a fragment bit", c),
                    "the bits are M, D and R");
    }
  }
  b.rule().conditions.push_back({out, b.option_index()});
  return {};
}

Status parse_ipopts(Builder& b, std::string_view v) {
  static constexpr std::array kNames = {
      NamedValue{"eol", 0},    NamedValue{"nop", 1},     NamedValue{"rr", 7},
      NamedValue{"ts", 68},    NamedValue{"sec", 130},   NamedValue{"lsrr", 131},
      NamedValue{"esec", 133}, NamedValue{"cipso", 134}, NamedValue{"satid", 136},
      NamedValue{"ssrr", 137}, NamedValue{"rtralt", 148}};
  IpOption out;
  if (!same_word(v, "any")) {
    const auto at =
        std::ranges::find_if(kNames, [&](const NamedValue& n) { return same_word(n.name, v); });
    if (at == kNames.end())
      return fail(ErrorCode::parse, fmt::format("\"{}\" is not a known IP option", v));
    out.number = static_cast<int>(at->value);
  }
  b.rule().conditions.push_back({out, b.option_index()});
  return {};
}

Status parse_sameip(Builder& b, std::string_view) {
  b.rule().conditions.push_back({SameIp{}, b.option_index()});
  return {};
}

template <bool ip, int version, std::uint8_t proto>
Status parse_checksum(Builder& b, std::string_view v) {
  v = unquoted(v);
  if (v != "valid" && v != "invalid")
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not valid or invalid", v));
  b.rule().conditions.push_back({Checksum{v == "valid", ip, version, proto}, b.option_index()});
  return {};
}

Read l3(const Inspection& in) {
  return in.packet->ip_version != 0 ? Read(in.packet->ip_version) : std::nullopt;
}
Status parse_l3(Builder& b, std::string_view v) {
  static constexpr std::array kNames = {NamedValue{"ipv4", 4}, NamedValue{"ip4", 4},
                                        NamedValue{"ipv6", 6}, NamedValue{"ip6", 6}};
  Field out{l3, {}};
  CHIENG_TRY(out.match, parse_integer(v, 6, kNames));
  b.rule().conditions.push_back({out, b.option_index()});
  return {};
}

Read vlan_layers(const Inspection& in) {
  return in.packet->vlan_count;
}
// vlan.id:300 any layer; :300,1 that layer, negative from the innermost; :!500,all every layer.
Status parse_vlan_id(Builder& b, std::string_view v) {
  const auto parts = split(v, ',');
  VlanId out;
  CHIENG_TRY(out.match, parse_integer(parts[0], 4095));
  if (parts.size() == 2) {
    const auto layer = to_signed(parts[1]);
    if (parts[1] == "all")
      out.which = VlanId::Which::all;
    else if (layer && *layer >= -3 && *layer <= 2)
      out.which = VlanId::Which::layer, out.layer = static_cast<int>(*layer);
    else if (parts[1] != "any")
      return fail(ErrorCode::parse, fmt::format("\"{}\" is not a VLAN layer", parts[1]),
                  "write a number from -3 to 2, any or all: vlan.id:200,0;");
  } else if (parts.size() != 1) {
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not a VLAN id and a layer", v));
  }
  b.rule().conditions.push_back({out, b.option_index()});
  return {};
}

constexpr std::array kKeywords = {
    Keyword{"dsize", Value::required, field<dsize, 65535>},
    Keyword{"ttl", Value::required, field<ttl, 255>},
    Keyword{"tos", Value::required, parse_tos},
    Keyword{"id", Value::required, field<ip_id, 65535>},
    Keyword{"ipid", Value::required, field<ip_id, 65535>},
    Keyword{"fragoffset", Value::required, field<fragment_offset, 65535>},
    Keyword{"fragbits", Value::required, parse_fragbits},
    Keyword{"ipopts", Value::required, parse_ipopts},
    Keyword{"sameip", Value::none, parse_sameip},
    Keyword{"ip_proto", Value::required, parse_ip_proto},
    Keyword{"l3_proto", Value::required, parse_l3},
    Keyword{"itype", Value::required, field<icmp_type, 255>},
    Keyword{"icode", Value::required, field<icmp_code, 255>},
    Keyword{"icmp_id", Value::required, field<icmp_id, 65535>},
    Keyword{"icmp_seq", Value::required, field<icmp_seq, 65535>},
    Keyword{"icmpv6.mtu", Value::required, field<icmpv6_mtu, 0xffffffff>},
    Keyword{"igmp.type", Value::required, field<igmp_type, 255>},
    Keyword{"seq", Value::required, field<tcp_seq, 0xffffffff>},
    Keyword{"tcp.seq", Value::required, field<tcp_seq, 0xffffffff>},
    Keyword{"ack", Value::required, field<tcp_ack, 0xffffffff>},
    Keyword{"tcp.ack", Value::required, field<tcp_ack, 0xffffffff>},
    Keyword{"window", Value::required, field<tcp_window, 65535>},
    Keyword{"tcp.window", Value::required, field<tcp_window, 65535>},
    Keyword{"tcp.mss", Value::required, field<tcp_mss, 65535>},
    Keyword{"tcp.wscale", Value::required, field<tcp_scale, 255>},
    Keyword{"flags", Value::required, parse_flags},
    Keyword{"tcp.flags", Value::required, parse_flags},
    Keyword{"vlan.id", Value::required, parse_vlan_id},
    Keyword{"vlan.layers", Value::required, field<vlan_layers, 3>},
    Keyword{"ipv4-csum", Value::required, parse_checksum<true, 4, 0>},
    Keyword{"tcpv4-csum", Value::required, parse_checksum<false, 4, ip_proto::tcp>},
    Keyword{"tcpv6-csum", Value::required, parse_checksum<false, 6, ip_proto::tcp>},
    Keyword{"udpv4-csum", Value::required, parse_checksum<false, 4, ip_proto::udp>},
    Keyword{"udpv6-csum", Value::required, parse_checksum<false, 6, ip_proto::udp>},
    Keyword{"icmpv4-csum", Value::required, parse_checksum<false, 4, ip_proto::icmp>},
    Keyword{"icmpv6-csum", Value::required, parse_checksum<false, 6, ip_proto::icmpv6>},
    Keyword{"igmp-csum", Value::required, parse_checksum<false, 4, ip_proto::igmp>},
};

}  // namespace

std::span<const Keyword> packet() {
  return kKeywords;
}

}  // namespace chieng::suricata::keywords
