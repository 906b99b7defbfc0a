#include "collector/flow/expectations.h"

#include <functional>

namespace chieng::collector {

std::size_t Expectations::Hash::operator()(const Key& key) const {
  std::size_t out = key.port * std::size_t{31} + key.proto;
  const auto add = [&](const IpAddress& a) {
    out = out * 1'000'003 ^ std::hash<std::string_view>{}(as_text(a.raw()));
  };
  add(key.listener);
  add(key.other);
  return out;
}

void Expectations::prune(Timestamp now) {
  while (!order_.empty() &&
         (now - order_.front().second > kLifetime || order_.size() > kCapacity)) {
    const auto at = entries_.find(order_.front().first);
    if (at != entries_.end() && at->second.since == order_.front().second) entries_.erase(at);
    order_.pop_front();
  }
}

void Expectations::add(const FlowKey& parent, std::uint64_t parent_id, const ExpectedFlow& flow,
                       std::size_t protocol, Timestamp now) {
  const bool server = flow.listener == Direction::to_server;
  const Key key{server ? parent.dst : parent.src, server ? parent.src : parent.dst, flow.port,
                parent.proto};
  entries_.insert_or_assign(key, Slot{{protocol, parent_id, flow.context}, now});
  order_.emplace_back(key, now);
  prune(now);
}

std::optional<Expectations::Entry> Expectations::take(const FlowKey& flow, Timestamp now) {
  if (entries_.empty()) return std::nullopt;
  for (const Key& key : {Key{flow.dst, flow.src, flow.dst_port, flow.proto},
                         Key{flow.src, flow.dst, flow.src_port, flow.proto}}) {
    const auto at = entries_.find(key);
    if (at == entries_.end()) continue;
    const bool alive = now - at->second.since <= kLifetime;
    Entry out = std::move(at->second.entry);
    entries_.erase(at);
    if (alive) return out;
  }
  return std::nullopt;
}

}  // namespace chieng::collector
