#include "rules/suricata/compiled_set.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace chieng::suricata {
namespace {

// A rule that needs bits of others comes after those that set them.
template <class Bits>
int state_rank(const Signature& s) {
  const auto has = [](const std::vector<Condition>& list) {
    return std::ranges::any_of(
        list, [](const Condition& c) { return std::holds_alternative<Bits>(c.what); });
  };
  const bool sets = has(s.after), reads = has(s.conditions);
  return sets && !reads ? 0 : sets ? 1 : reads ? 2 : 3;
}
int flowint_rank(const Signature& s) {
  bool sets = false, reads = false;
  for (const Condition& c : s.conditions)
    if (const auto* f = std::get_if<FlowInt>(&c.what)) {
      const bool changes =
          f->op == FlowInt::Op::add || f->op == FlowInt::Op::subtract || f->op == FlowInt::Op::set;
      (changes ? sets : reads) = true;
    }
  return sets && !reads ? 0 : sets ? 1 : reads ? 2 : 3;
}
int action_rank(RuleAction a) {
  switch (a) {
    case RuleAction::pass:
      return 0;
    case RuleAction::drop:
      return 1;
    case RuleAction::reject:
      return 2;
    case RuleAction::config:
    case RuleAction::alert:
      return 3;
  }
  return 3;
}

void sort_rules(std::vector<Signature>& rules) {
  using Key = std::tuple<int, int, int, int, int, std::size_t>;
  std::vector<Key> keys;
  for (std::size_t i = 0; i < rules.size(); ++i)
    keys.emplace_back(action_rank(rules[i].info.action), state_rank<NamedBits>(rules[i]),
                      flowint_rank(rules[i]), state_rank<HostBits>(rules[i]),
                      rules[i].info.priority, i);
  std::ranges::sort(keys);
  std::vector<Signature> sorted;
  sorted.reserve(rules.size());
  for (const Key& k : keys) sorted.push_back(std::move(rules[std::get<5>(k)]));
  rules = std::move(sorted);
}

bool takes_kind(const Signature& s, PacketKind kind) {
  switch (s.header.l4) {
    case L4::tcp:
      return kind == PacketKind::tcp;
    case L4::udp:
      return kind == PacketKind::udp;
    case L4::any:
    case L4::ipv4:
    case L4::ipv6:
      return s.protocols.empty() || kind != PacketKind::other;
    case L4::link:
      return true;
    case L4::icmp:
    case L4::icmpv4:
    case L4::icmpv6:
    case L4::sctp:
    case L4::igmp:
    case L4::arp:
      return kind == PacketKind::other;
  }
  return true;
}

constexpr std::size_t kLeastRaw = 3;  // shorter literals are everywhere in payload

constexpr std::size_t kFewPorts = 64;

void place_plain_rule(PlainRules& to, const Signature& s, std::size_t d, RuleNumber n) {
  const auto& ports = d == 0 ? s.header.forward.dst_port : s.header.forward.src_port;
  if (!ports || s.header.both_ways || ports->count() > kFewPorts) {
    to.always.push_back(n);
    return;
  }
  for (std::uint32_t p = 0; p < 65536; ++p)
    if (ports->contains(static_cast<std::uint16_t>(p)))
      to.by_port.emplace_back(static_cast<std::uint16_t>(p), n);
}

void place_packet_rule(CompiledSet& set, RuleNumber n) {
  const Signature& s = set.rules[n];
  const bool on_packet = s.inspect != Inspect::stream;
  const bool on_stream = s.inspect != Inspect::packet;
  const auto literal = s.payload ? fast_literal(*s.payload, kLeastRaw) : std::nullopt;
  if (!literal && set.gates.index_by_address(n)) return;
  for (std::size_t kind = 0; kind < kPacketKinds; ++kind) {
    if (!takes_kind(s, static_cast<PacketKind>(kind))) continue;
    for (std::size_t d = 0; d < 2; ++d) {
      if (!s.sides[d]) continue;
      PacketRules& to = set.packet[kind][d];
      if (on_packet && literal)
        to.payload.add(literal->bytes, literal->nocase, n, literal->ends);
      else if (on_packet)
        place_plain_rule(to.plain, s, d, n);
      if (on_stream && literal)
        to.stream.add(literal->bytes, literal->nocase, n, literal->ends);
      else if (on_stream)
        place_plain_rule(to.stream_plain, s, d, n);
    }
  }
}

TxDomain& domain(CompiledSet& set, const List& list, Direction side) {
  for (TxDomain& d : set.domains)
    if (d.buffer == *list.place.tx && d.side == side && d.transforms == list.transforms) return d;
  set.domains.push_back({*list.place.tx, list.transforms, side, {}});
  return set.domains.back();
}

void place_tx_rule(CompiledSet& set, RuleNumber n) {
  const Signature& s = set.rules[n];
  const List* best_list = nullptr;
  std::optional<FastLiteral> best;
  // A later window of a buffer that grows does not begin where the buffer does.
  const auto grows = [&](const List& l) { return set.catalogue->spec(*l.place.tx).streaming; };
  for (const List& l : s.tx_lists) {
    if (l.absent || (s.transactional && l.side != Direction::to_client)) continue;
    auto literal = fast_literal(l, 1);
    if (!literal) continue;
    // A body arrives in pieces and late: a field of the head is the better sign.
    if (grows(l)) literal->score *= 0.7;
    if (best && best->score >= literal->score) continue;
    best = std::move(literal);
    best_list = &l;
  }
  for (const Direction d : {Direction::to_server, Direction::to_client}) {
    if (!s.sides[index(d)]) continue;
    if (best)
      domain(set, *best_list, d)
          .literals.add(best->bytes, best->nocase, n,
                        grows(*best_list) ? matching::LiteralEnds{} : best->ends);
    else
      for (const AppProto p : s.protocols) set.tx[p.value][index(d)].always.push_back(n);
  }
}

FrameRules& frame_rules(CompiledSet& set, FrameRef frame, Direction side) {
  for (FrameRules& r : set.frames)
    if (r.frame.proto == frame.proto && r.frame.type == frame.type && r.side == side) return r;
  set.frames.push_back({frame, side, {}, {}});
  return set.frames.back();
}

void place_frame_rule(CompiledSet& set, RuleNumber n) {
  const Signature& s = set.rules[n];
  const auto literal =
      s.frame->transforms.empty() ? fast_literal(*s.frame, 1) : std::optional<FastLiteral>();
  for (const FrameRef frame : s.frames)
    for (const Direction d : {Direction::to_server, Direction::to_client}) {
      if (!s.sides[index(d)]) continue;
      FrameRules& to = frame_rules(set, frame, d);
      if (literal)
        to.literals.add(literal->bytes, literal->nocase, n);
      else
        to.always.push_back(n);
    }
}

void place(CompiledSet& set, RuleNumber n) {
  const Signature& s = set.rules[n];
  switch (s.inspect) {
    case Inspect::packet:
    case Inspect::stream:
    case Inspect::packet_stream:
      place_packet_rule(set, n);
      break;
    case Inspect::ip_only:
      if (!set.gates.index_by_address(n)) set.ip_only.push_back(n);
      break;
    case Inspect::detection:
      set.detection.push_back(n);
      break;
    case Inspect::app_layer:
      for (const AppProto p : s.protocols) set.app_layer[p.value].push_back(n);
      break;
    case Inspect::transaction:
      place_tx_rule(set, n);
      break;
    case Inspect::frame:
      place_frame_rule(set, n);
      break;
  }
}

}  // namespace

Status compile(CompiledSet& set, const matching::DatabaseCache* cache) {
  sort_rules(set.rules);
  const std::size_t protocols = set.catalogue->protocols().size() + 2;
  set.app_layer.resize(protocols);
  set.tx.resize(protocols);
  set.gates.build(set.rules);
  for (RuleNumber n = 0; n < set.rules.size(); ++n) place(set, n);
  set.gates.finish();
  for (auto& kind : set.packet)
    for (PacketRules& rules : kind) {
      std::ranges::sort(rules.plain.by_port);
      std::ranges::sort(rules.stream_plain.by_port);
      CHIENG_CHECK(rules.payload.build(cache));
      CHIENG_CHECK(rules.stream.build(cache));
    }
  for (FrameRules& r : set.frames) CHIENG_CHECK(r.literals.build(cache));
  for (TxDomain& d : set.domains) {
    CHIENG_CHECK(d.literals.build(cache));
    for (std::size_t p = 2; p < protocols; ++p) {
      const AppProto proto{static_cast<std::uint8_t>(p)};
      const int local = set.catalogue->local(proto, d.buffer);
      if (local >= 0)
        set.tx[p][index(d.side)].scans.push_back(
            {&d, set.catalogue->spec(proto, d.buffer), static_cast<unsigned>(local)});
    }
  }
  return {};
}

}  // namespace chieng::suricata
