// Puts IP fragments together (RFC 791, RFC 8200 section 4.5).
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <unordered_map>
#include <vector>

#include "collector/flow/segments.h"
#include "collector/packet/decoded.h"
#include "collector/settings.h"

namespace chieng::collector {

// Owned by one worker. Bounded by DefragSettings: the oldest datagram goes when memory or capacity
// is full.
class Defragmenter {
 public:
  explicit Defragmenter(const DefragSettings& settings) : settings_(settings) {}

  // Takes a fragment (Decoded::view.is_fragment). When it was the last one missing: the whole
  // datagram from its IP header on, good until the next call. Overlaps become events of the packet.
  [[nodiscard]] std::optional<Bytes> add(Decoded& packet);
  void expire(Timestamp now);
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }  // datagrams given up

 private:
  struct Key {
    IpAddress src, dst;
    std::uint32_t id = 0;
    std::uint8_t proto = 0;
    std::uint16_t vlan = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& k) const;
  };
  struct Datagram {
    Key key;
    Timestamp first;
    Segments pieces{256};
    std::vector<std::byte> header;  // of the fragment with offset 0
    std::uint8_t next_header = 0;
    std::size_t next_header_at = 0;
    std::optional<std::uint64_t> total;
  };
  using Iterator = std::list<Datagram>::iterator;

  Iterator find(const Decoded& packet);
  void insert(Datagram& datagram, Decoded& packet);
  void drop(Iterator it);
  [[nodiscard]] bool complete(const Datagram& datagram) const;
  Bytes build(Datagram& datagram);

  DefragSettings settings_;
  std::list<Datagram> datagrams_;  // oldest first
  std::unordered_map<Key, Iterator, KeyHash> index_;
  std::size_t memory_ = 0;
  std::uint64_t dropped_ = 0;
  std::vector<std::byte> whole_;
};

}  // namespace chieng::collector
