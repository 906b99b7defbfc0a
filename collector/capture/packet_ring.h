// The last packets that passed, within a fixed number of bytes: what an alert's evidence is taken
// from.
#pragma once

#include <cstdint>
#include <memory>

#include "collector/capture/frame.h"

namespace chieng::collector {

// One worker's. All memory is taken at the start (the kernel gives pages as they are first used);
// adding copies the packet's bytes over the oldest ones.
class PacketRing {
 public:
  explicit PacketRing(std::size_t bytes);

  // tag: the flow's id, or 0. A packet larger than a quarter of the ring is cut.
  void add(const Frame& frame, std::uint64_t tag);

  // Hands each packet with that tag to `each`, oldest first. Looks at every packet's header: for
  // alerts, not for packets.
  template <class Each>
  void find(std::uint64_t tag, Each&& each) const {
    for (std::uint64_t at = oldest_; at != end_;) {
      const Record& record = at_position(at);
      if (record.kind == Kind::packet && record.tag == tag) each(frame_of(record));
      at += record.whole;
    }
  }
  [[nodiscard]] std::size_t packets() const { return packets_; }

 private:
  enum class Kind : std::uint32_t { packet, gap };  // gap: to the end of the memory
  struct Record {
    Kind kind;
    std::uint32_t whole;  // with the bytes behind it and what aligns the next one
    std::uint64_t tag;
    Timestamp time;
    std::uint32_t captured, wire_length;
    std::int32_t link_type;
    std::uint32_t unused;
  };
  static_assert(sizeof(Record) % 8 == 0);

  [[nodiscard]] const Record& at_position(std::uint64_t position) const;
  [[nodiscard]] static Frame frame_of(const Record& record);
  void make_room(std::uint32_t bytes);
  Record& place(std::uint32_t whole, Kind kind);

  std::size_t size_;
  std::unique_ptr<std::uint64_t[]> memory_;
  // Positions only grow; modulo size_ they are places. oldest_ == end_: empty.
  std::uint64_t oldest_ = 0, end_ = 0;
  std::size_t packets_ = 0;
};

}  // namespace chieng::collector
