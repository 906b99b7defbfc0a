#include "server/store/hit_merge.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "server/store/event_files.h"

namespace chieng::server {
namespace {

void add(MergedGroup& group, const GroupHit& hit, std::size_t place) {
  if (group.rows == 0) {
    group.opener = group.face = &hit;
    group.first = hit.first;
    group.last = hit.last;
  }
  if (hit.rule.rev >= group.face->rule.rev) group.face = &hit;
  group.count += hit.count;
  ++group.rows;
  group.first = std::min(group.first, hit.first);
  group.last = std::max(group.last, hit.last);
  group.worst = std::min(group.worst, hit.rule.severity);
  group.hours[hour_of(hit.placed)] += hit.count;
  group.agents.insert(hit.agent);
  group.events.push_back(hit.ref);
  group.newest = place;
}

class Sightings {
 public:
  explicit Sightings(std::vector<MergedSighting>& out) : out_(out) {}

  void add(const GroupHit& hit, std::size_t group, Timestamp at, std::uint64_t count) {
    const auto [found, fresh] = places_.try_emplace({hit.src.ip, hour_of(at)}, out_.size());
    if (fresh) out_.push_back({hit.src.ip, hour_of(at), at, at, hit.received, {}, {}});
    MergedSighting& whole = out_[found->second];
    whole.first = std::min(whole.first, at);
    whole.last = std::max(whole.last, at);
    whole.agencies.insert(hit.agency);
    MergedSighting::Part& part =
        whole.parts.try_emplace(group, MergedSighting::Part{at, at, 0, 4}).first->second;
    part.first = std::min(part.first, at);
    part.last = std::max(part.last, at);
    part.count += count;
    part.worst = std::min(part.worst, hit.rule.severity);
  }

 private:
  std::vector<MergedSighting>& out_;
  std::map<std::pair<std::string_view, std::int64_t>, std::size_t> places_;
};

// A list shows what moved last first, so the groups are written in order of their last hits.
void order_groups(MergedHits& merged) {
  std::vector<std::size_t> order(merged.groups.size()), place(order.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return merged.groups[a].newest < merged.groups[b].newest;
  });
  std::vector<MergedGroup> groups;
  groups.reserve(order.size());
  for (const std::size_t from : order) {
    place[from] = groups.size();
    groups.push_back(std::move(merged.groups[from]));
  }
  merged.groups = std::move(groups);
  for (MergedSighting& sighting : merged.sightings) {
    std::map<std::size_t, MergedSighting::Part> parts;
    for (const auto& [from, part] : sighting.parts) parts.emplace(place[from], part);
    sighting.parts = std::move(parts);
  }
}

}  // namespace

MergedHits merge_hits(std::span<const GroupHit> hits) {
  MergedHits out;
  std::unordered_map<std::string_view, std::size_t> places;
  Sightings sightings(out.sightings);
  for (std::size_t i = 0; i < hits.size(); ++i) {
    const GroupHit& hit = hits[i];
    const auto [found, fresh] = places.try_emplace(hit.group_id, out.groups.size());
    if (fresh) out.groups.emplace_back();
    const std::size_t group = found->second;
    add(out.groups[group], hit, i);
    // Addresses of different offices that look alike are different hosts: only the Internet's
    // compare.
    if (hit.src.zone != "internet") continue;
    sightings.add(hit, group, hit.placed, hit.count);
    if (hour_of(hit.first) != hour_of(hit.placed)) sightings.add(hit, group, hit.first, 0);
  }
  order_groups(out);
  return out;
}

}  // namespace chieng::server
