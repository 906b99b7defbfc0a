#include "rules/suricata/detector.h"

#include <algorithm>

#include "rules/suricata/detector_state.h"

namespace chieng::suricata {
namespace {

PacketKind kind_of(const PacketView& p) {
  if (p.proto == ip_proto::tcp) return PacketKind::tcp;
  return p.proto == ip_proto::udp ? PacketKind::udp : PacketKind::other;
}

// Of a stream the field learns its protocol when the data are acknowledged: the packet that told it
// is not yet one of the protocol's.
bool just_told(const Inspection& in) {
  const std::size_t d = index(in.direction), other = index(opposite(in.direction));
  return in.packet->proto == ip_proto::tcp && in.proto_detected[d] &&
         (!in.flow->detection_done[other] || in.proto_detected[other]);
}

}  // namespace

std::optional<Bytes> packet_buffer(PacketBuffer buffer, const Subject& subject) {
  const PacketView& p = *subject.in.packet;
  const Addresses& ends = subject.addresses;
  const auto l4 = [&](std::uint8_t proto) {
    return p.proto == proto && !p.l4_header.empty() ? std::optional(p.l4_header) : std::nullopt;
  };
  const auto ip = [&](int version) {
    return p.ip_version == version && !p.ip_header.empty() ? std::optional(p.ip_header)
                                                           : std::nullopt;
  };
  switch (buffer) {
    case PacketBuffer::payload:
      return p.payload;
    case PacketBuffer::ipv4_header:
      return ip(4);
    case PacketBuffer::ipv6_header:
      return ip(6);
    case PacketBuffer::tcp_header:
      return l4(ip_proto::tcp);
    case PacketBuffer::udp_header:
      return l4(ip_proto::udp);
    case PacketBuffer::icmpv4_header:
      return l4(ip_proto::icmp);
    case PacketBuffer::icmpv6_header:
      return l4(ip_proto::icmpv6);
    case PacketBuffer::igmp_header:
      return l4(ip_proto::igmp);
    case PacketBuffer::ether_header:
      return p.ethernet.empty() ? std::nullopt : std::optional(p.ethernet);
    case PacketBuffer::ip_src:
      return ends.src.is_set() ? std::optional(ends.src.raw()) : std::nullopt;
    case PacketBuffer::ip_dst:
      return ends.dst.is_set() ? std::optional(ends.dst.raw()) : std::nullopt;
    case PacketBuffer::frame:
      return subject.frame != nullptr ? std::optional(subject.frame->data) : std::nullopt;
  }
  return std::nullopt;
}

std::shared_ptr<SharedState> make_shared_state() {
  return std::make_shared<SharedState>();
}

Detector::Detector(std::shared_ptr<const RuleSet> rules, AlertSink& sink,
                   std::shared_ptr<SharedState> state)
    : state_(std::make_unique<State>(sink, state ? std::move(state) : make_shared_state())) {
  state_->use(std::move(rules));
}
Detector::~Detector() = default;

void Detector::inspect(const Inspection& inspection) {
  state_->inspect(inspection);
}
bool Detector::wants_frames(AppProto proto) const {
  return std::ranges::any_of(state_->set->frames,
                             [proto](const FrameRules& r) { return r.frame.proto == proto; });
}
void Detector::flow_ended(FlowView& flow) {
  flow.rule_state.reset();
}
void Detector::swap(std::shared_ptr<const RuleSet> rules) {
  state_->use(std::move(rules));
}
const RuleSet& Detector::rules() const {
  return *state_->rules;
}

void Detector::State::use(std::shared_ptr<const RuleSet> next) {
  rules = std::move(next);
  set = &rules->compiled();
  ++set_number;
  memory.use_names(set->names);
  gates.use(set->gates);
  // Without scratch memory nothing is found by literals: the process cannot do its work.
  const auto prepare = [&](const matching::LiteralSet& literals) {
    if (!scratch.prepare(literals)) std::abort();
  };
  for (const auto& kind : set->packet)
    for (const PacketRules& r : kind) {
      prepare(r.payload);
      prepare(r.stream);
    }
  for (const TxDomain& d : set->domains) prepare(d.literals);
  for (const FrameRules& r : set->frames) prepare(r.literals);
}

void Detector::State::inspect(const Inspection& in) {
  if (in.flow != nullptr && in.flow->verdict == FlowVerdict::pass) return;
  pending.clear();
  candidates.clear();
  gather(in);
  evaluate_candidates(in);
  if (in.flow != nullptr) {
    flow_rules(in);
    for (FrameView* frame : in.frames) inspect_frame(in, *frame);
    for (const Direction d : {in.direction, opposite(in.direction)})
      if (in.app_updated[index(d)]) inspect_transactions(in, d);
  }
  if (!matcher.entropies().empty()) keep_entropies(in);
  if (!pending.empty()) emit(in);
}

void Detector::State::keep_entropies(const Inspection& in) {
  if (in.flow != nullptr)
    for (const auto& note : matcher.entropies())
      memory.set_entropy(*in.flow, note.buffer, note.bits);
  matcher.entropies().clear();
}

void Detector::State::add(std::uint32_t place, const GateKeeper::Visitor& visitor) {
  for (const RuleNumber n : hits)
    if (gates.open(n, visitor)) candidates.push_back({n, place});
  hits.clear();
}

void Detector::State::add_plain(const PlainRules& r, const GateKeeper::Visitor& visitor,
                                Direction d) {
  hits.insert(hits.end(), r.always.begin(), r.always.end());
  const Addresses& a = *visitor.addresses;
  if (r.by_port.empty() || !a.has_ports) return;
  const auto with = std::ranges::equal_range(
      r.by_port, d == Direction::to_server ? a.dst_port : a.src_port, {}, &PlainRules::Pair::first);
  for (const auto& [port, n] : with) hits.push_back(n);
}

void Detector::State::gather_packet(const Inspection& in, const PacketRules& r, bool visible) {
  const Direction d = in.flow == nullptr ? Direction::to_server : in.direction;
  const Addresses addresses = addresses_of(*in.packet);
  auto visitor =
      gates.visitor(addresses, in.flow, d, in.flow == nullptr ? kAppUnknown : in.flow->app_proto);
  visitor.packet = true;
  visitor.tcp_flags = in.packet->tcp_flags;
  if (visible) visitor.data = in.packet->payload;
  const bool on_stream = visible && !in.payload_in_stream;
  const bool first = !in.packet->pseudo && in.packet->ip_version != 0 &&
                     (in.flow == nullptr || in.first_in_direction);
  add_plain(r.plain, visitor, d);
  if (visible) r.payload.scan(in.packet->payload, scratch, hits);
  if (on_stream) {
    r.stream.scan(in.packet->payload, scratch, hits);
    add_plain(r.stream_plain, visitor, d);
  }
  if (first) hits.insert(hits.end(), set->ip_only.begin(), set->ip_only.end());
  for (const auto list : gates.by_address(visitor))
    for (const RuleNumber n : list) {
      const Inspect how = set->rules[n].inspect;
      if (how == Inspect::ip_only ? first : how == Inspect::stream ? on_stream : true)
        hits.push_back(n);
    }
  add(kPacket, visitor);
}

void Detector::State::gather_chunk(const Inspection& in, std::uint32_t place) {
  const StreamChunk& chunk = in.chunks[place];
  if (chunk.data.empty()) return;
  const PacketRules& r =
      set->packet[static_cast<std::size_t>(PacketKind::tcp)][index(chunk.direction)];
  const Addresses addresses = addresses_of(*in.flow, chunk.direction);
  auto visitor = gates.visitor(addresses, in.flow, chunk.direction, in.flow->app_proto);
  visitor.packet = true;
  visitor.tcp_flags = in.packet->tcp_flags;
  visitor.data = chunk.data;
  r.stream.scan(chunk.data, scratch, hits);
  add_plain(r.stream_plain, visitor, chunk.direction);
  for (const auto list : gates.by_address(visitor))
    for (const RuleNumber n : list)
      if (const Inspect how = set->rules[n].inspect;
          how == Inspect::stream || how == Inspect::packet_stream)
        hits.push_back(n);
  add(place, visitor);
}

void Detector::State::gather(const Inspection& in) {
  const PacketView& p = *in.packet;
  const Direction d = in.flow == nullptr ? Direction::to_server : in.direction;
  const bool hidden = in.flow != nullptr && in.flow->payload_hidden[index(d)];
  gather_packet(in, set->packet[static_cast<std::size_t>(kind_of(p))][index(d)],
                !p.pseudo && !hidden && !p.payload.empty());
  for (std::uint32_t i = 0; i < in.chunks.size(); ++i) gather_chunk(in, i);
}

void Detector::State::evaluate_candidates(const Inspection& in) {
  std::ranges::sort(candidates);
  RuleNumber matched = kPacket;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Candidate c = candidates[i];
    if (c.rule == matched || (i > 0 && c == candidates[i - 1])) continue;
    const StreamChunk* chunk = c.place == kPacket ? nullptr : &in.chunks[c.place];
    Subject subject{
        in, chunk != nullptr ? chunk->direction : in.direction,
        chunk != nullptr ? addresses_of(*in.flow, chunk->direction) : addresses_of(*in.packet)};
    if (!evaluate(set->rules[c.rule], in, c.place, subject)) continue;
    matched = c.rule;
    fire(c.rule, subject, nullptr, chunk);
  }
}

// Counters change while they are asked for, so they come last.
bool Detector::State::conditions_hold(const Signature& s, const Subject& subject, bool integers) {
  return std::ranges::all_of(s.conditions, [&](const Condition& c) {
    return std::holds_alternative<FlowInt>(c.what) != integers || memory.holds(c, subject);
  });
}

bool Detector::State::packet_lists_hold(const Signature& s, const Subject& subject) {
  return std::ranges::all_of(s.packet_lists, [&](const List& l) {
    const auto bytes = packet_buffer(l.place.packet, subject);
    if (!bytes) return l.absent;
    return (!l.absent || l.absent_or) && matcher.match_list(l, {*bytes, 0, true});
  });
}

bool Detector::State::evaluate(const Signature& s, const Inspection& in, std::uint32_t place,
                               Subject& subject) {
  if (!conditions_hold(s, subject, false)) return false;
  if (!s.protocols.empty() && !s.payload && in.flow != nullptr && just_told(in)) return false;
  matcher.begin_rule();
  if (s.payload && s.only_stream && s.inspect == Inspect::stream && place == kPacket) return false;
  if (s.payload) {
    const bool hidden = in.flow != nullptr && in.flow->payload_hidden[index(subject.direction)];
    const Bytes data = place == kPacket ? in.packet->payload : in.chunks[place].data;
    if (data.empty() || (hidden && place == kPacket) ||
        !matcher.match_list(*s.payload, {data, 0, true}))
      return false;
  }
  return packet_lists_hold(s, subject) && conditions_hold(s, subject, true);
}

// What a datagram carried, where that is one message of its own: alerts on the datagram show it.
Transaction* Detector::State::message_of(const Inspection& in) {
  if (in.packet->pseudo || in.packet->proto != ip_proto::udp) return nullptr;
  Transaction* found = nullptr;
  for (Transaction* tx : in.flow->transactions()) {
    if (!tx->one_sided() || tx->event_direction() != in.direction) continue;
    if (found != nullptr) return nullptr;
    found = tx;
  }
  return found;
}

void Detector::State::flow_rules(const Inspection& in) {
  const auto run = [&](const std::vector<RuleNumber>& list, const Subject& subject,
                       Transaction* tx) {
    if (list.empty()) return;
    const auto visitor =
        gates.visitor(subject.addresses, in.flow, subject.direction, in.flow->app_proto);
    for (const RuleNumber n : list) {
      const Signature& s = set->rules[n];
      if (gates.open(n, visitor) && conditions_hold(s, subject, false) &&
          conditions_hold(s, subject, true))
        fire(n, subject, tx, nullptr);
    }
  };
  for (const Direction d : {Direction::to_server, Direction::to_client})
    if (in.proto_detected[index(d)])
      run(set->detection, {in, d, addresses_of(*in.flow, d)}, nullptr);
  // The end of an exchange of datagrams is no packet of it; the end of a connection is.
  const bool packet = !in.packet->pseudo || in.packet->proto == ip_proto::tcp;
  if (packet && in.flow->app_proto.is_known() && !just_told(in))
    run(set->app_layer[in.flow->app_proto.value], {in, in.direction, addresses_of(*in.packet)},
        message_of(in));
}

}  // namespace chieng::suricata
