// The hits of one batch, put together by what they change: a group is written once for all its
// hits, an Internet source once for each hour. Sums and extremes do not depend on how hits are
// split into batches. Points into the batch, lives as long as one apply(). Bound: the batch.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "server/store/append.h"

namespace chieng::server {

struct MergedGroup {
  const GroupHit* face = nullptr;    // of the newest revision; the last one of these
  const GroupHit* opener = nullptr;  // the first one of the batch
  std::uint64_t count = 0, rows = 0;
  Timestamp first, last;
  std::uint8_t worst = 4;
  std::map<std::int64_t, std::uint64_t> hours;  // weights
  std::set<Uuid> agents;
  std::vector<EventRef> events;
  std::size_t newest = 0;  // place of its last hit in the batch
  std::int64_t row = 0;    // set when it is written
};

// What an Internet source did to the groups of one hour.
struct MergedSighting {
  struct Part {
    Timestamp first, last;
    std::uint64_t count = 0;
    std::uint8_t worst = 4;
  };
  std::string_view entity;
  std::int64_t hour = 0;
  Timestamp first, last;  // of all parts
  Timestamp received;
  std::set<Uuid> agencies;
  std::map<std::size_t, Part> parts;  // by place in MergedHits::groups
};

struct MergedHits {
  std::vector<MergedGroup> groups;        // in order of their last hit
  std::vector<MergedSighting> sightings;  // in order of their first hit
};

[[nodiscard]] MergedHits merge_hits(std::span<const GroupHit> hits);

}  // namespace chieng::server
