#include "rules/suricata/threshold.h"

#include <algorithm>
#include <limits>

#include "rules/suricata/state.h"

namespace chieng::suricata {

using Type = Threshold::Type;

std::size_t ThresholdTable::Key::hash() const {
  return (sid * 0x9e3779b97f4a7c15u) ^ gid ^ (flow * 0xff51afd7ed558ccdu) ^ hash_address(a) ^
         (hash_address(b) << 1);
}

ThresholdTable::Key ThresholdTable::key_of(const Signature& rule, const Addresses& a,
                                           std::uint64_t flow) {
  Key key{rule.info.gid, rule.info.sid, rule.info.rev, 0, {}, {}};
  switch (rule.threshold->track) {
    case Threshold::Track::src:
      key.a = a.src;
      break;
    case Threshold::Track::dst:
      key.a = a.dst;
      break;
    case Threshold::Track::both:
      key.a = std::min(a.src, a.dst);
      key.b = std::max(a.src, a.dst);
      break;
    case Threshold::Track::flow:
      key.flow = flow;
      break;
    case Threshold::Track::rule:
      break;
  }
  return key;
}

void ThresholdTable::make_room(Timestamp now) {
  if (windows_.size() < kLimit) return;
  std::erase_if(windows_, [&](const auto& entry) { return entry.second.end < now; });
  if (windows_.size() >= kLimit) windows_.clear();
}

ThresholdTable::Verdict ThresholdTable::count(const Threshold& t, const Key& key, Timestamp now) {
  make_room(now);
  auto [at, fresh] = windows_.try_emplace(key);
  Window& w = at->second;
  if (t.type == Type::backoff) {
    if (fresh) w = {now, {std::numeric_limits<std::int64_t>::max()}, 0, t.count};
    ++w.count;
    const bool alert = w.count == w.next;
    if (alert) w.next = w.next > (~std::uint64_t{0} >> 33) ? w.next : w.next * t.multiplier;
    return {alert, static_cast<std::uint32_t>(w.count)};
  }
  if (fresh || now > w.end) w = {now, now + std::int64_t{t.seconds} * 1'000'000, 0, 0};
  ++w.count;
  const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(w.count, 0xffffffffu));
  switch (t.type) {
    case Type::limit:
      return {w.count <= t.count, count};
    case Type::threshold:
      if (w.count < t.count) return {false, count};
      w.count = 0;
      return {true, count};
    case Type::both:
      return {w.count == t.count, count};
    case Type::filter:
      return {w.count > t.count, count};
    case Type::backoff:
      break;
  }
  return {true, count};
}

}  // namespace chieng::suricata
