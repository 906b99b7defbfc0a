#include "rules/suricata/gate.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "rules/suricata/state.h"

namespace chieng::suricata {
namespace {

// Of the addresses there are: 8 million of IPv4.
constexpr double kNarrow = 1.0 / 512;

// Necessary for the conditions on TCP flags, not enough: the packet may be none of TCP.
void set_flags(Gate& gate, const Signature& s) {
  for (const Condition& c : s.conditions) {
    const auto* flags = std::get_if<TcpFlags>(&c.what);
    if (flags == nullptr || flags->modifier == '*' || flags->modifier == '!') continue;
    gate.tcp_want = flags->mask;
    gate.tcp_mask = flags->modifier == '+' ? flags->mask
                    : flags->mask == 0     ? std::uint8_t{0xff}
                                           : static_cast<std::uint8_t>(~flags->ignore);
    return;
  }
}

// The rule's first content, where it can be nowhere else than at one place near the start.
void set_lead(Gate& gate, const Signature& s) {
  if (!s.payload) return;
  gate.payload = true;
  if (!s.payload->transforms.empty() || s.payload->steps.empty()) return;
  const Step& step = s.payload->steps.front();
  const auto* c = std::get_if<Content>(&step.what);
  if (c == nullptr || step.negated || c->nocase || c->relative() || c->offset.variable >= 0 ||
      c->depth.variable >= 0 || c->offset.value < 0 || c->offset.value > 255)
    return;
  const auto size = static_cast<std::int64_t>(c->bytes.size());
  if (!c->starts && !(c->has_depth && c->depth.value == size)) return;
  gate.lead_at = static_cast<std::uint8_t>(c->has_offset ? c->offset.value : 0);
  gate.lead_size =
      static_cast<std::uint8_t>(std::min<std::size_t>(c->bytes.size(), gate.lead.size()));
  std::copy_n(c->bytes.begin(), gate.lead_size, gate.lead.begin());
}

std::uint32_t spread(const IpAddress& a) {
  std::array<std::uint64_t, 2> words;
  std::memcpy(words.data(), a.bytes.data(), sizeof words);
  const std::uint64_t mixed =
      (words[0] ^ (words[1] + a.version) * 0x9e3779b97f4a7c15u) * 0xd6e8feb86659fd93u;
  return static_cast<std::uint32_t>(mixed >> 40);
}

// Numbers from 1 for sets, those that most rules name first.
template <class Set>
class Numbering {
 public:
  void count(const std::shared_ptr<const Set>& set) {
    if (set) ++counts_[set];
  }
  void settle(std::vector<std::shared_ptr<const Set>>& out) {
    for (const auto& [set, count] : counts_) out.push_back(set);
    std::sort(out.begin() + 1, out.end(),
              [&](const auto& a, const auto& b) { return counts_[a] > counts_[b]; });
    for (std::size_t i = 1; i < out.size(); ++i) counts_[out[i]] = i;
  }
  [[nodiscard]] std::uint32_t number(const std::shared_ptr<const Set>& set) const {
    return set ? static_cast<std::uint32_t>(counts_.at(set)) : 0;
  }

 private:
  std::map<std::shared_ptr<const Set>, std::size_t> counts_;
};

}  // namespace

std::uint16_t Gates::number_of(const std::vector<AppProto>& protocols) {
  Protocols bits;
  for (const AppProto p : protocols) bits.set(p.value);
  auto at = std::ranges::find(protocols_, bits);
  if (at == protocols_.end()) at = protocols_.insert(at, bits);
  return static_cast<std::uint16_t>(at - protocols_.begin());
}

void Gates::build(std::span<const Signature> rules) {
  rules_ = rules.data();
  Numbering<AddressSet> addresses;
  Numbering<PortSet> ports;
  for (const Signature& s : rules) {
    const Endpoints& e = s.header.forward;
    addresses.count(e.src), addresses.count(e.dst);
    ports.count(e.src_port), ports.count(e.dst_port);
  }
  addresses.settle(addresses_);
  ports.settle(ports_);
  for (const Signature& s : rules) {
    const Endpoints& e = s.header.forward;
    Gate gate;
    gate.src = addresses.number(e.src), gate.dst = addresses.number(e.dst);
    gate.src_port = ports.number(e.src_port), gate.dst_port = ports.number(e.dst_port);
    gate.protocols = number_of(s.protocols);
    gate.l4 = bit(s.header.l4);
    gate.sides = static_cast<std::uint8_t>((s.sides[0] ? 1 : 0) | (s.sides[1] ? 2 : 0));
    gate.both_ways = s.header.both_ways;
    gate.has_flow = s.has_flow;
    set_flags(gate, s);
    set_lead(gate, s);
    gates_.push_back(gate);
  }
}

bool Gates::index_by_address(RuleNumber rule) {
  const Header& header = rules_[rule].header;
  const auto& [src, dst, src_port, dst_port] = header.forward;
  const double as_src = src ? breadth(*src) : 1, as_dst = dst ? breadth(*dst) : 1;
  if (std::min(as_src, as_dst) > kNarrow) return false;
  const bool by_src = as_src <= as_dst;
  const AddressSet& set = by_src ? *src : *dst;
  if (by_src || header.both_ways) by_src_.add(set, rule);
  if (!by_src || header.both_ways) by_dst_.add(set, rule);
  return true;
}

void Gates::finish() {
  by_src_.build();
  by_dst_.build();
}

void GateKeeper::use(const Gates& gates) {
  gates_ = &gates;
  known_.assign(std::size_t{2} * kKnown, {});
}

std::uint32_t GateKeeper::recall(const IpAddress& address, std::uint32_t base,
                                 const AddressIndex& index) {
  const auto at = base + spread(address) % kKnown;
  Known& known = known_[at];
  if (!known.used || known.address != address) known = {address, true, 0, 0, index.find(address)};
  return at;
}

GateKeeper::Visitor GateKeeper::visitor(const Addresses& addresses, const FlowView* flow,
                                        Direction d, AppProto proto) {
  Visitor v;
  v.addresses = &addresses;
  v.l4 = l4_bits(addresses);
  v.side = static_cast<std::uint8_t>(flow == nullptr ? 3 : 1u << index(d));
  v.flow = flow != nullptr;
  v.proto = proto;
  v.src = recall(addresses.src, 0, gates_->by_src_);
  v.dst = recall(addresses.dst, kKnown, gates_->by_dst_);
  return v;
}

bool GateKeeper::contains(std::uint32_t set, Known& known) const {
  if (set == 0) return true;
  if (set >= Gates::kRemembered) return gates_->addresses_[set]->contains(known.address);
  const std::uint64_t mask = std::uint64_t{1} << set;
  if ((known.asked & mask) == 0) {
    known.asked |= mask;
    if (gates_->addresses_[set]->contains(known.address)) known.member |= mask;
  }
  return (known.member & mask) != 0;
}

bool GateKeeper::packet_may_hold(const Gate& g, const Visitor& v) {
  if ((v.tcp_flags & g.tcp_mask) != g.tcp_want || (g.payload && v.data.empty())) return false;
  return g.lead_size == 0 ||
         (v.data.size() >= std::size_t{g.lead_at} + g.lead_size &&
          std::memcmp(v.data.data() + g.lead_at, g.lead.data(), g.lead_size) == 0);
}

bool GateKeeper::open(RuleNumber rule, const Visitor& v) {
  const Gate& g = gates_->gates_[rule];
  if ((g.l4 & v.l4) == 0 || (g.sides & v.side) == 0 || (g.has_flow && !v.flow)) return false;
  if (v.packet && !packet_may_hold(g, v)) return false;
  if (g.protocols != 0 && (!v.flow || !gates_->protocols_[g.protocols].test(v.proto.value)))
    return false;
  const Addresses& a = *v.addresses;
  if (g.both_ways) return gates_->rules_[rule].header.match(a);
  if (g.src_port != 0 || g.dst_port != 0) {
    if (!a.has_ports) return false;
    if (g.src_port != 0 && !gates_->ports_[g.src_port]->contains(a.src_port)) return false;
    if (g.dst_port != 0 && !gates_->ports_[g.dst_port]->contains(a.dst_port)) return false;
  }
  return contains(g.src, known_[v.src]) && contains(g.dst, known_[v.dst]);
}

}  // namespace chieng::suricata
