// Counts matches of rules in time windows, in the time of packets.
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
  static constexpr std::size_t kLimit = 8192;
  struct Key {
    std::uint32_t gid, sid, rev;
    std::uint64_t flow;
    IpAddress a, b;
    friend bool operator==(const Key&, const Key&) = default;
    [[nodiscard]] std::size_t hash() const;
  };
  struct Verdict {
    bool alert = true;
    std::uint32_t count = 0;  // in this window
  };
  static Key key_of(const Signature& rule, const Addresses& addresses, std::uint64_t flow);
  [[nodiscard]] Verdict count(const Threshold& threshold, const Key& key, Timestamp now);

 private:
  struct Hash {
    std::size_t operator()(const Key& k) const { return k.hash(); }
  };
  struct Window {
    Timestamp start, end;
    std::uint64_t count = 0, next = 0;
  };
  void make_room(Timestamp now);

  std::unordered_map<Key, Window, Hash> windows_;
};

}  // namespace chieng::suricata
