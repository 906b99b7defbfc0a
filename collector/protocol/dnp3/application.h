// DNP3's application layer (IEEE 1815 clause 4): a fragment of one or several transport segments.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "collector/protocol/dnp3/layouts.h"
#include "core/bytes/bytes.h"
#include "core/event/json_writer.h"

namespace chieng::collector::dnp3 {

inline constexpr std::size_t kMostObjects = 2048, kMostPoints = 16'384;  // of a message

struct ObjectHeader {
  std::uint8_t group = 0, variation = 0, qualifier = 0;
  std::uint32_t start = 0, stop = 0, count = 0;
  std::uint32_t at = 0;      // of the first point in the bytes of the objects
  std::uint32_t points = 0;  // that are whole
  [[nodiscard]] std::uint8_t prefix_code() const { return qualifier >> 4 & 7; }
  [[nodiscard]] std::uint8_t range_code() const { return qualifier & 15; }
};

enum class Fault : std::uint8_t {
  none,
  incomplete,
  unknown_object,
  too_many_points,
  too_many_objects
};

struct Objects {
  std::vector<ObjectHeader> list;
  Fault fault = Fault::none;
};

// The objects of a message; what follows a fault is not read.
[[nodiscard]] Objects read_objects(Bytes objects);
// Writes "points":[…] of an object that read_objects found in the same bytes.
void write_points(JsonWriter& out, const ObjectHeader& header, Bytes objects);

}  // namespace chieng::collector::dnp3
