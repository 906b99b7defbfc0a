#include "collector/capture/packet_ring.h"

#include <algorithm>
#include <cstring>

namespace chieng::collector {
namespace {
constexpr std::size_t kLeast = 4096;
}

PacketRing::PacketRing(std::size_t bytes)
    : size_(std::max(bytes, kLeast) / 8 * 8),
      memory_(std::make_unique_for_overwrite<std::uint64_t[]>(size_ / 8)) {}

const PacketRing::Record& PacketRing::at_position(std::uint64_t position) const {
  return *reinterpret_cast<const Record*>(memory_.get() + position % size_ / 8);
}

Frame PacketRing::frame_of(const Record& record) {
  return {as_bytes(reinterpret_cast<const std::uint8_t*>(&record + 1), record.captured),
          record.wire_length, record.time, record.link_type};
}

void PacketRing::make_room(std::uint32_t bytes) {
  while (end_ + bytes - oldest_ > size_) {
    const Record& oldest = at_position(oldest_);
    if (oldest.kind == Kind::packet) --packets_;
    oldest_ += oldest.whole;
  }
}

PacketRing::Record& PacketRing::place(std::uint32_t whole, Kind kind) {
  make_room(whole);
  Record& record = *reinterpret_cast<Record*>(memory_.get() + end_ % size_ / 8);
  record.kind = kind;
  record.whole = whole;
  end_ += whole;
  return record;
}

void PacketRing::add(const Frame& frame, std::uint64_t tag) {
  const auto captured =
      static_cast<std::uint32_t>(std::min(frame.bytes.size(), size_ / 4 - sizeof(Record)));
  const auto whole = static_cast<std::uint32_t>((sizeof(Record) + captured + 7) / 8 * 8);
  // A record lies in one piece: what is left at the end of the memory is passed over. At least the
  // first two fields of one fit there, as all is in steps of 8 bytes.
  const auto left = static_cast<std::uint32_t>(size_ - end_ % size_);
  if (left < whole) (void)place(left, Kind::gap);
  Record& record = place(whole, Kind::packet);
  record.tag = tag;
  record.time = frame.time;
  record.captured = captured;
  record.wire_length = frame.wire_length;
  record.link_type = frame.link_type;
  if (captured > 0) std::memcpy(&record + 1, frame.bytes.data(), captured);
  ++packets_;
}

}  // namespace chieng::collector
