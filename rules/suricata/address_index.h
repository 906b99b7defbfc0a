// Which rules name an address: built once from the address sets of many rules, then immutable.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/net/address.h"

namespace chieng::suricata {

// A look-up is one binary search, however many rules there are. Takes about 25 bytes a range and 4
// more a rule in it.
class AddressIndex {
 public:
  void add(const AddressSet& set, std::uint32_t rule);
  void build();
  // Those whose set holds the address, ascending.
  [[nodiscard]] std::span<const std::uint32_t> find(const IpAddress& address) const;

 private:
  struct Edge {
    IpAddress at;
    std::uint32_t rule;
    bool end;  // the rule's range is over here
  };
  std::vector<Edge> edges_;  // only until build()
  // From starts_[i] to the next one the rules are rules_[first_[i]] to rules_[first_[i + 1]].
  std::vector<IpAddress> starts_;
  std::vector<std::uint32_t> first_, rules_;
};

// The part of the internet of one version that the set covers, the larger of both: 0 to 1.
[[nodiscard]] double breadth(const AddressSet& set);

}  // namespace chieng::suricata
