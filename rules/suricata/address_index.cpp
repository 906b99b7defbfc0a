#include "rules/suricata/address_index.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

namespace chieng::suricata {
namespace {

// The address that follows; nothing behind the last one.
std::optional<IpAddress> after(IpAddress a) {
  for (std::size_t i = a.size(); i-- > 0;)
    if (++a.bytes[i] != 0) return a;
  return std::nullopt;
}

// As a part of its version's addresses.
double position(const IpAddress& a) {
  double out = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    out += a.bytes[i] * std::pow(256.0, -static_cast<double>(i + 1));
  return out;
}

}  // namespace

double breadth(const AddressSet& set) {
  double v4 = 0, v6 = 0;
  for (const AddressRange& r : set.ranges())
    (r.first.version == 4 ? v4 : v6) += position(r.last) - position(r.first);
  return std::max(v4, v6);
}

void AddressIndex::add(const AddressSet& set, std::uint32_t rule) {
  for (const AddressRange& r : set.ranges()) {
    edges_.push_back({r.first, rule, false});
    // Behind the last address of a version comes the other version's first, or nothing.
    IpAddress none;
    none.version = r.last.version;
    ++none.version;
    edges_.push_back({after(r.last).value_or(none), rule, true});
  }
}

void AddressIndex::build() {
  std::ranges::sort(edges_, {}, &Edge::at);
  std::multiset<std::uint32_t> open;
  for (std::size_t i = 0; i < edges_.size();) {
    const IpAddress at = edges_[i].at;
    for (; i < edges_.size() && edges_[i].at == at; ++i) {
      if (edges_[i].end)
        open.erase(open.find(edges_[i].rule));
      else
        open.insert(edges_[i].rule);
    }
    starts_.push_back(at);
    first_.push_back(static_cast<std::uint32_t>(rules_.size()));
    std::ranges::unique_copy(open, std::back_inserter(rules_));
  }
  first_.push_back(static_cast<std::uint32_t>(rules_.size()));
  edges_ = {};
}

std::span<const std::uint32_t> AddressIndex::find(const IpAddress& address) const {
  const auto next = std::ranges::upper_bound(starts_, address);
  if (next == starts_.begin()) return {};
  const auto i = static_cast<std::size_t>(next - starts_.begin()) - 1;
  return std::span(rules_).subspan(first_[i], first_[i + 1] - first_[i]);
}

}  // namespace chieng::suricata
