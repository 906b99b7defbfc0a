// Rules over transactions. Part of Detector.
#include <algorithm>

#include "rules/suricata/detector_state.h"

namespace chieng::suricata {
namespace {

constexpr std::uint32_t kPayloadBit = 1u << 31;
constexpr std::uint32_t kMostInstances = 4096;

std::uint32_t bit_of(std::size_t list) {
  return 1u << list;
}

using Which = AppInteger::Which;

// Those that what comes later may still turn.
bool waits_for_end(Which which) {
  return which != Which::any && which != Which::index;
}

bool by_position(Which which) {
  return which == Which::index || which == Which::index_or_less;
}

// The values of an integer, by whether each matches.
struct Instances {
  std::vector<bool> matched;

  // By place where the wanted value is named by its position.
  void spread(const Transaction& tx, unsigned local, Direction d);
  [[nodiscard]] bool any() const { return std::ranges::find(matched, true) != matched.end(); }
  [[nodiscard]] bool meet(const AppInteger& wanted) const;
};

void Instances::spread(const Transaction& tx, unsigned local, Direction d) {
  const auto all = tx.place(local, d, 0);
  if (!all) return;
  std::vector<bool> places(std::min(all->of, kMostInstances));
  for (std::uint32_t n = 0; n < matched.size(); ++n)
    if (const auto place = tx.place(local, d, n); place && place->at < places.size())
      places[place->at] = matched[n];
  matched = std::move(places);
}

bool Instances::meet(const AppInteger& wanted) const {
  const auto size = static_cast<std::int64_t>(matched.size());
  const auto place = [size](std::int64_t n) { return n < 0 ? n + size : n; };
  const std::int64_t begin = std::clamp<std::int64_t>(place(wanted.from), 0, size);
  const std::int64_t end = std::clamp<std::int64_t>(place(wanted.to), begin, size);
  const auto hits = std::count(matched.begin() + begin, matched.begin() + end, true);
  const std::int64_t at = place(wanted.index);
  const bool inside = at >= 0 && at < size;
  switch (wanted.which) {
    case Which::any:
      return hits > 0;
    case Which::all:
      return end > begin && hits == end - begin;
    case Which::all_or_absent:
      return hits == end - begin;
    case Which::or_absent:
      return hits > 0 || end == begin;
    case Which::index:
      return inside && matched[static_cast<std::size_t>(at)];
    case Which::index_or_less:
      return !inside || matched[static_cast<std::size_t>(at)];
    case Which::number:
      return wanted.number.matches(static_cast<std::uint64_t>(hits));
    case Which::count:
      return wanted.number.matches(static_cast<std::uint64_t>(end - begin));
  }
  return false;
}

}  // namespace

void Detector::State::inspect_transactions(const Inspection& in, Direction d) {
  // By position: a rule that fires does not change the list, but its length is read anew all the
  // same.
  for (std::size_t i = 0; i < in.flow->transactions().size(); ++i)
    inspect_transaction(in, *in.flow->transactions()[i], d);
}

void Detector::State::inspect_transaction(const Inspection& in, Transaction& tx, Direction d) {
  if (tx.proto().value >= set->tx.size() || (tx.one_sided() && d != tx.event_direction())) return;
  const CompiledSet::TxRules& with = set->tx[tx.proto().value][index(d)];
  if (with.scans.empty() && with.always.empty()) return;
  if (!tx.rule_state) tx.rule_state = std::make_unique<TxMemory>();
  auto& m = static_cast<TxMemory&>(*tx.rule_state);
  if (m.set_number != set_number) {
    m = TxMemory{};
    m.set_number = set_number;
  }
  TxMemory::Side& side = m.sides[index(d)];
  const bool fresh = !side.started || side.revision != tx.revision(d);
  if (!fresh && in.chunks.empty()) return;
  if (fresh) {
    const Addresses addresses = addresses_of(*in.flow, d);
    const auto visitor = gates.visitor(addresses, in.flow, d, tx.proto());
    if (!side.started) {
      hits = with.always;
      add_entries(side, visitor, false);
      side.scanned.assign(with.scans.size(), 0);
    }
    side.started = true;
    side.revision = tx.revision(d);
    scan(tx, d, side, visitor);
  }
  for (TxMemory::Entry& entry : side.entries) {
    if (entry.done) continue;
    const Signature& s = set->rules[entry.rule];
    if (!evaluate(s, in, tx, d, entry)) continue;
    entry.done = true;
    const Direction from = s.transactional ? Direction::to_server : d;
    fire(entry.rule, {in, d, addresses_of(*in.flow, from)}, &tx, nullptr);
  }
}

void Detector::State::add_entries(TxMemory::Side& side, const GateKeeper::Visitor& visitor,
                                  bool once) {
  if (hits.empty()) return;
  const std::size_t before = side.entries.size();
  for (const RuleNumber n : hits) {
    // A rule over both sides has its addresses as the request has them: it is checked later.
    if (!set->rules[n].transactional && !gates.open(n, visitor)) continue;
    if (std::ranges::none_of(side.entries, [&](const auto& e) { return e.rule == n; }))
      side.entries.push_back({n, 0, false, once, false});
  }
  hits.clear();
  if (side.entries.size() != before) std::ranges::sort(side.entries, {}, &TxMemory::Entry::rule);
}

void Detector::State::scan(const Transaction& tx, Direction d, TxMemory::Side& side,
                           const GateKeeper::Visitor& visitor) {
  const auto& scans = set->tx[tx.proto().value][index(d)].scans;
  const std::uint8_t progress = tx.progress(d);
  for (std::size_t i = 0; i < scans.size(); ++i) {
    const auto& [domain, spec, local] = scans[i];
    if (!spec->streaming && (side.scanned[i] != 0 || progress < spec->ready[index(d)])) continue;
    const std::uint32_t most = spec->multi ? kMostInstances : 1u;
    if (spec->streaming) {
      std::uint64_t stamp = 0;
      for (std::uint32_t n = 0; n < most; ++n) {
        const auto slice = tx.buffer(local, d, n);
        if (!slice) break;
        stamp = stamp * 31 + slice->generation + 1;
      }
      if (stamp == side.scanned[i]) continue;
      side.scanned[i] = stamp;
    } else {
      side.scanned[i] = 1;
    }
    for (std::uint32_t n = 0; n < most; ++n) {
      const auto slice = tx.buffer(local, d, n);
      if (!slice) break;
      domain->literals.scan(domain->transforms.empty()
                                ? slice->data
                                : matcher.transform(domain->transforms, slice->data),
                            scratch, hits);
    }
    add_entries(side, visitor, !spec->streaming);
  }
}

bool Detector::State::payload_holds(const Signature& s, const Inspection& in, Direction d) {
  for (const StreamChunk& chunk : in.chunks)
    if (chunk.direction == d && !chunk.data.empty() &&
        matcher.match_list(*s.payload, {chunk.data, 0, true}))
      return true;
  if (in.payload_in_stream || in.packet->pseudo || in.direction != d || in.packet->payload.empty())
    return false;
  return !in.flow->payload_hidden[index(d)] &&
         matcher.match_list(*s.payload, {in.packet->payload, 0, true});
}

bool Detector::State::evaluate(const Signature& s, const Inspection& in, Transaction& tx,
                               Direction d, TxMemory::Entry& entry) {
  const Subject subject{in, d, addresses_of(*in.flow, s.transactional ? Direction::to_server : d)};
  if (!entry.checked) {
    const bool known = std::ranges::find(s.protocols, tx.proto()) != s.protocols.end();
    if (!known || !s.header.match(subject.addresses)) {
      entry.done = true;
      return false;
    }
    if (!conditions_hold(s, subject, false)) {
      entry.done = entry.once;
      return false;
    }
    entry.checked = true;
  }
  bool all = true;
  const auto take = [&](ListResult r) {
    all = all && r == ListResult::match;
    entry.done = entry.done || r == ListResult::never;
  };
  for (const TxCondition& c : s.tx_conditions) {
    take(evaluate(c, tx, d));
    if (entry.done) return false;
  }
  matcher.begin_rule();
  for (std::size_t i = 0; i < s.tx_lists.size(); ++i) {
    if ((entry.lists & bit_of(i)) != 0) continue;
    const ListResult r = evaluate(s.tx_lists[i], tx, d);
    if (r == ListResult::match) entry.lists |= bit_of(i);
    take(r);
    if (entry.done) return false;
  }
  if (s.payload && (entry.lists & kPayloadBit) == 0) {
    if (payload_holds(s, in, d))
      entry.lists |= kPayloadBit;
    else
      all = false;
  }
  return all && packet_lists_hold(s, subject) && conditions_hold(s, subject, true);
}

Detector::State::ListResult Detector::State::evaluate(const List& list, const Transaction& tx,
                                                      Direction d) {
  const Direction side = list.side.value_or(d);
  const BufferSpec* spec = set->catalogue->spec(tx.proto(), *list.place.tx);
  if (spec == nullptr) return ListResult::never;
  const auto local = static_cast<unsigned>(set->catalogue->local(tx.proto(), *list.place.tx));
  const bool ready = tx.progress(side) >= spec->ready[index(side)];
  if (!ready && !spec->streaming) return ListResult::wait;
  const ListResult otherwise = spec->streaming ? ListResult::wait : ListResult::never;
  for (std::uint32_t n = 0; n < (spec->multi ? kMostInstances : 1u); ++n) {
    const auto slice = tx.buffer(local, side, n);
    if (!slice && n == 0 && list.absent) return ready ? ListResult::match : ListResult::wait;
    if (!slice) return otherwise;
    if (list.absent && !list.absent_or) return ListResult::never;
    if (matcher.match_list(list,
                           {slice->data, slice->offset, slice->complete, slice->little_endian}))
      return ListResult::match;
  }
  return otherwise;
}

Detector::State::ListResult Detector::State::evaluate(const TxCondition& condition,
                                                      const Transaction& tx, Direction d) const {
  if (const auto* event = std::get_if<AppEvent>(&condition.what)) {
    const bool there = std::ranges::any_of(event->events, [&](const Catalogue::EventRef& e) {
      return e.proto == tx.proto() && std::ranges::find(tx.events(), e.number) != tx.events().end();
    });
    return there ? ListResult::match : ListResult::wait;
  }
  const auto* integer = std::get_if<AppInteger>(&condition.what);
  const auto* values = std::get_if<AppValues>(&condition.what);
  const auto* any_of = std::get_if<AppAnyOf>(&condition.what);
  const IntegerId id = integer != nullptr  ? integer->id
                       : values != nullptr ? values->id
                                           : any_of->id;
  const IntegerSpec* spec = set->catalogue->spec(tx.proto(), id);
  if (spec == nullptr) return ListResult::never;
  if (tx.progress(d) < spec->ready[index(d)]) return ListResult::wait;
  const auto local = static_cast<unsigned>(set->catalogue->local(tx.proto(), id));
  const auto holds = [&](std::uint64_t x) {
    if (spec->multi && x == kNoInteger) return false;
    if (integer != nullptr && integer->low)
      return integer->match.matches(x >> 16) && integer->low->matches(x & 0xffff);
    if (integer != nullptr) return integer->match.matches(x);
    if (any_of != nullptr)
      return std::ranges::any_of(any_of->any_of, [x](const auto& m) { return m.matches(x); });
    return (values->any_of.empty() ||
            std::ranges::find(values->any_of, x) != values->any_of.end()) &&
           std::ranges::find(values->none_of, x) == values->none_of.end();
  };
  if (!spec->multi) {
    const auto x = tx.integer(local, d, 0);
    return x && holds(*x) ? ListResult::match : ListResult::never;
  }
  Instances seen;
  for (std::uint32_t n = 0; n < kMostInstances; ++n) {
    const auto x = tx.integer(local, d, n);
    if (!x) break;
    seen.matched.push_back(holds(*x));
  }
  if (integer != nullptr && by_position(integer->which)) seen.spread(tx, local, d);
  const ProtocolSpec& protocol = *set->catalogue->protocol(tx.proto());
  const bool over = !spec->growing || tx.progress(d) >= protocol.complete[index(d)];
  if (integer != nullptr && !over && waits_for_end(integer->which)) return ListResult::wait;
  if (integer != nullptr ? seen.meet(*integer) : seen.any()) return ListResult::match;
  return over ? ListResult::never : ListResult::wait;
}

}  // namespace chieng::suricata
