// Counts matches of rules in time windows, in the time of packets. One worker's.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "core/inspect/inspector.h"
#include "rules/suricata/header.h"
#include "rules/suricata/signature.h"

namespace chieng::suricata {

// At most kLimit windows; beyond it those that ended go, then all (rules alert rather too often
// than never).
class ThresholdTable {
 public:
  static constexpr std::size_t kLimit = 131072;
  struct Verdict {
    bool alert = true;
    std::uint32_t count = 0;  // in this window
  };
  [[nodiscard]] Verdict count(const Signature& rule, const Addresses& addresses, std::uint64_t flow,
                              Timestamp now);

 private:
  struct Key {
    std::uint32_t gid, sid, rev;
    std::uint64_t flow;
    IpAddress a, b;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Hash {
    std::size_t operator()(const Key& k) const;
  };
  struct Window {
    Timestamp start, end;
    std::uint64_t count = 0, next = 0;
  };
  static Key key_of(const Signature& rule, const Addresses& addresses, std::uint64_t flow);
  void make_room(Timestamp now);

  std::unordered_map<Key, Window, Hash> windows_;
};

}  // namespace chieng::suricata
