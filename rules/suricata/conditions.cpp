#include "rules/suricata/conditions.h"

#include <algorithm>

#include "core/bytes/reader.h"

namespace chieng::suricata {
namespace {

FlowMemory* memory(const FlowView* flow) {
  return flow == nullptr ? nullptr : static_cast<FlowMemory*>(flow->rule_state.get());
}

bool holds(const FlowTest& f, const Subject& s) {
  const FlowView* flow = s.in.flow;
  if (flow == nullptr) return false;
  if (f.established && !flow->established) return false;
  if (f.not_established && flow->established) return false;
  if (f.only_frag && !s.in.packet->is_fragment) return false;
  return !(f.no_frag && s.in.packet->is_fragment);
}

bool holds(const TcpFlags& f, const Subject& s) {
  const PacketView& p = *s.in.packet;
  if (p.pseudo || p.proto != ip_proto::tcp || !p.has_ports) return false;
  const unsigned flags = p.tcp_flags & static_cast<unsigned>(~f.ignore) & 0xffu;
  switch (f.modifier) {
    case '+':
      return (flags & f.mask) == f.mask;
    case '*':
      return (flags & f.mask) != 0;
    case '!':
      return (flags & f.mask) != f.mask;
    default:
      return f.mask == 0 ? p.tcp_flags == 0 : flags == f.mask;
  }
}

bool holds(const FragmentBits& f, const Subject& s) {
  const PacketView& p = *s.in.packet;
  if (p.pseudo || p.ip_version != 4) return false;
  const unsigned bits = p.ip_flags;
  switch (f.modifier) {
    case '+':
      return (bits & f.mask) == f.mask;
    case '*':
      return (bits & f.mask) != 0;
    case '!':
      return (bits & f.mask) == 0;
    default:
      return bits == f.mask;
  }
}

bool holds(const IpOption& o, const Subject& s) {
  const PacketView& p = *s.in.packet;
  if (p.pseudo || p.ip_version != 4 || p.ip_header.size() <= 20) return false;
  if (o.number < 0) return true;
  Reader r(p.ip_header.subspan(20));
  while (!r.at_end()) {
    const int kind = r.u8();
    if (kind == o.number) return true;
    if (kind == 0) return false;
    if (kind == 1) continue;
    const std::size_t size = r.u8();
    if (!r.ok() || size < 2) return false;
    r.skip(size - 2);
  }
  return false;
}

bool holds(const StreamSize& c, const Subject& s) {
  const FlowView* flow = s.in.flow;
  if (flow == nullptr || s.addresses.proto != ip_proto::tcp) return false;
  const bool client = c.match.matches(flow->stream_size[0]),
             server = c.match.matches(flow->stream_size[1]);
  switch (c.who) {
    case StreamSize::Who::client:
      return client;
    case StreamSize::Who::server:
      return server;
    case StreamSize::Who::both:
      return client && server;
    case StreamSize::Who::either:
      return client || server;
  }
  return false;
}

bool holds(const FlowCount& c, const Subject& s) {
  const FlowView* flow = s.in.flow;
  if (flow == nullptr) return false;
  const auto& counts = c.bytes ? flow->bytes : flow->packets;
  const bool to_server = c.match.matches(counts[0]), to_client = c.match.matches(counts[1]);
  switch (c.who) {
    case FlowCount::Who::to_server:
      return to_server;
    case FlowCount::Who::to_client:
      return to_client;
    case FlowCount::Who::both:
      return to_server && to_client;
    case FlowCount::Who::either:
      return to_server || to_client;
  }
  return false;
}

bool holds(const AppProtocol& c, const Subject& s) {
  const FlowView* flow = s.in.flow;
  if (flow == nullptr) return false;
  const auto is = [&](AppProto p) {
    if (p == kAppUnknown) return c.unknown;
    const bool named =
        (c.failed && p == kAppFailed) || std::ranges::find(c.protocols, p) != c.protocols.end();
    return named != c.negated;
  };
  const auto side = [&](Direction d) { return flow->app_proto_side[index(d)]; };
  using Which = AppProtocol::Which;
  switch (c.which) {
    case Which::direction:
      return is(side(s.direction));
    case Which::final:
      return is(flow->app_proto);
    case Which::original:
      return is(flow->app_proto_original);
    case Which::either:
      return is(side(Direction::to_server)) || is(side(Direction::to_client));
    case Which::to_server:
      return is(side(Direction::to_server));
    case Which::to_client:
      return is(side(Direction::to_client));
  }
  return false;
}

bool holds(const Checksum& c, const Subject& s) {
  const PacketView& p = *s.in.packet;
  if (p.pseudo || p.ip_version != c.version || (!c.ip && p.proto != c.proto)) return false;
  const ChecksumState state = c.ip ? p.ip_checksum : p.l4_checksum;
  return state == (c.valid ? ChecksumState::valid : ChecksumState::invalid);
}

bool holds(const PacketEvent& e, const Subject& s) {
  return std::ranges::find(s.in.packet->events, e.number) != s.in.packet->events.end();
}
bool holds(const Field& f, const Subject& s) {
  const auto value = f.read(s.in);
  return value && f.match.matches(*value);
}
bool holds(const VlanId& v, const Subject& s) {
  const PacketView& p = *s.in.packet;
  const auto ids = std::span(p.vlan).first(p.vlan_count);
  const auto good = [&](std::uint16_t id) { return v.match.matches(id); };
  if (v.which == VlanId::Which::any) return std::ranges::any_of(ids, good);
  if (v.which == VlanId::Which::all) return !ids.empty() && std::ranges::all_of(ids, good);
  const int layer = v.layer < 0 ? static_cast<int>(ids.size()) + v.layer : v.layer;
  return layer >= 0 && layer < static_cast<int>(ids.size()) &&
         good(ids[static_cast<std::size_t>(layer)]);
}
bool holds(const SameIp&, const Subject& s) {
  return s.addresses.src.is_set() && s.addresses.src == s.addresses.dst;
}
bool holds(const Never&, const Subject&) {
  return false;
}

}  // namespace

Addresses addresses_of(const PacketView& p) {
  return {p.src,   p.dst,        p.src_port,  p.dst_port, p.has_ports && !p.is_fragment,
          p.proto, p.ip_version, p.ether_type};
}

Addresses addresses_of(const FlowView& f, Direction d) {
  const FlowKey& k = f.key;
  if (d == Direction::to_server)
    return {k.src, k.dst, k.src_port, k.dst_port, f.has_ports, k.proto, k.src.version, 0};
  return {k.dst, k.src, k.dst_port, k.src_port, f.has_ports, k.proto, k.src.version, 0};
}

FlowMemory& RuleMemory::memory_for_change(FlowView& flow) const {
  if (!flow.rule_state) flow.rule_state = std::make_unique<FlowMemory>(table_);
  return static_cast<FlowMemory&>(*flow.rule_state);
}

void RuleMemory::use_names(const std::vector<std::string>& names) {
  names_.clear();
  shared_names_.clear();
  for (const std::string& name : names) {
    names_.push_back(table_.number(name));
    shared_names_.push_back(shared_.number(name));
  }
}

AddressBits::Key RuleMemory::key(const HostBits& bits, const Addresses& a) const {
  const std::uint32_t name = shared_names_[bits.name];
  switch (bits.track) {
    case Track::src:
      return {name, a.src, {}};
    case Track::dst:
      return {name, a.dst, {}};
    case Track::pair:
      break;
  }
  return {name, std::min(a.src, a.dst), std::max(a.src, a.dst)};
}

bool RuleMemory::bits_hold(const NamedBits& bits, const FlowView* flow) const {
  const FlowMemory* m = memory(flow);
  if (flow == nullptr) return false;
  const auto set = [&](std::uint32_t b) { return m != nullptr && m->has(global(b)); };
  if (bits.op == NamedBits::Op::isset) return std::ranges::any_of(bits.bits, set);
  return std::ranges::any_of(bits.bits, [&](std::uint32_t b) { return !set(b); });
}

bool RuleMemory::integer_holds(const FlowInt& f, FlowView* flow) {
  if (flow == nullptr) return false;
  const FlowMemory* m = memory(flow);
  const auto known = m == nullptr ? std::nullopt : m->integer(global(f.name));
  const std::uint32_t have = known.value_or(0);
  std::uint32_t value = f.value;
  if (f.other) {
    const auto other = m == nullptr ? std::nullopt : m->integer(global(*f.other));
    if (!other) return false;
    value = *other;
  }
  using Op = FlowInt::Op;
  if (f.op == Op::isset || f.op == Op::notset) return known.has_value() == (f.op == Op::isset);
  if (f.op == Op::set || f.op == Op::add) {
    memory_for_change(*flow).set_integer(global(f.name), f.op == Op::add ? have + value : value);
    return true;
  }
  if (!known) return false;
  switch (f.op) {
    case Op::subtract:
      memory_for_change(*flow).set_integer(global(f.name), have - std::min(have, value));
      return true;
    case Op::equal:
      return have == value;
    case Op::not_equal:
      return have != value;
    case Op::less:
      return have < value;
    case Op::less_equal:
      return have <= value;
    case Op::greater:
      return have > value;
    case Op::greater_equal:
      return have >= value;
    case Op::add:
    case Op::set:
    case Op::isset:
    case Op::notset:
      break;
  }
  return false;
}

bool RuleMemory::variable_holds(const FlowVariable& v, const FlowView* flow) const {
  const FlowMemory* m = memory(flow);
  const std::string* have = m == nullptr ? nullptr : m->variable(global(v.name));
  return have != nullptr && (have->find(v.content) != std::string::npos) != v.negated;
}

bool RuleMemory::holds(const Condition& condition, const Subject& s) {
  return std::visit(
      [&](const auto& what) -> bool {
        using T = std::decay_t<decltype(what)>;
        if constexpr (std::is_same_v<T, NamedBits>)
          return bits_hold(what, s.in.flow);
        else if constexpr (std::is_same_v<T, FlowInt>)
          return integer_holds(what, s.in.flow);
        else if constexpr (std::is_same_v<T, FlowVariable>)
          return variable_holds(what, s.in.flow);
        else if constexpr (std::is_same_v<T, HostBits>)
          return shared_.has(key(what, s.addresses), s.in.packet->time) ==
                 (what.op == NamedBits::Op::isset);
        else
          return chieng::suricata::holds(what, s);
      },
      condition.what);
}

void RuleMemory::apply(const Condition& condition, const Subject& s) {
  using Op = NamedBits::Op;
  if (const auto* bits = std::get_if<NamedBits>(&condition.what)) {
    if (s.in.flow == nullptr) return;
    FlowMemory& m = memory_for_change(*s.in.flow);
    for (const std::uint32_t b : bits->bits) {
      const std::uint32_t bit = global(b);
      const bool set = bits->op == Op::set || (bits->op == Op::toggle && !m.has(bit));
      if (set)
        m.set(bit);
      else
        m.unset(bit);
    }
  } else if (const auto* host = std::get_if<HostBits>(&condition.what)) {
    using Change = SharedState::Change;
    const Timestamp now = s.in.packet->time;
    const Change change = host->op == Op::set      ? Change::set
                          : host->op == Op::toggle ? Change::toggle
                                                   : Change::unset;
    shared_.change(key(*host, s.addresses), change, now + host->seconds * 1'000'000, now);
  }
}

void RuleMemory::show_packet_variables(FlowView& flow, std::string_view json) const {
  memory_for_change(flow).packet_variables = json;
}

void RuleMemory::set_entropy(FlowView& flow, std::string_view buffer, double bits) {
  memory_for_change(flow).set_entropy(buffer, bits);
}

void RuleMemory::set_variable(FlowView& flow, const std::string& name, std::string_view value) {
  memory_for_change(flow).set_variable(table_.number("var:" + name), value);
}

}  // namespace chieng::suricata
