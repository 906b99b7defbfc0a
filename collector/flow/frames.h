// The frames of one flow: named ranges of its bytes, kept until rules have had them.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <vector>

#include "core/inspect/frame.h"

namespace chieng::collector {

// Belongs to a flow's application layer; there only where rules look at frames of its protocol. A
// frame is due when it is whole, when kPart more bytes of it are in, or at the end of its stream.
// Bounded: kMost open frames and kKept bytes a direction; of a longer frame rules see the
// beginning, and of what comes too fast the oldest goes.
class FrameStore {
 public:
  static constexpr std::size_t kMost = 512, kKept = 72 * 1024, kPart = 2500;

  // start: where each stream stands, before the first data().
  FrameStore(AppProto proto, std::array<std::uint64_t, 2> start) : proto_(proto) {
    for (std::size_t i = 0; i < 2; ++i) sides_[i].first = sides_[i].next = start[i];
  }

  // The bytes of the parser's next call, before it gets them.
  void data(Direction d, Bytes data);
  void gap(Direction d, std::uint64_t bytes);
  void end(Direction d);
  // A datagram is a stream of its own.
  void datagram(Direction d, Bytes data);

  std::uint64_t open(Direction d, std::uint8_t type, std::uint64_t start,
                     std::optional<std::uint64_t> length, std::optional<std::uint64_t> tx_id);
  void close(Direction d, std::uint64_t id, std::uint64_t end);

  // Those that rules have to look at now; good until inspected().
  [[nodiscard]] std::span<FrameView* const> due(bool at_end);
  [[nodiscard]] bool has_open() const { return !sides_[0].open.empty() || !sides_[1].open.empty(); }
  void inspected();

 private:
  struct Entry {
    FrameView view;
    std::size_t seen = 0;  // bytes that rules had
    bool looked_at = false;
  };
  struct Side {
    std::vector<std::byte> bytes;
    std::vector<FrameView::Hole> holes;  // in bytes
    std::uint64_t first = 0;             // place of bytes[0] in the stream, holes in front counted
    std::uint64_t next = 0;              // place of the byte that comes next
    std::deque<std::unique_ptr<Entry>> open;
    bool ended = false;
  };
  [[nodiscard]] Side& side(Direction d) { return sides_[index(d)]; }
  [[nodiscard]] static std::size_t at(const Side& s, std::uint64_t place);
  void trim(Side& s);
  bool refresh(Side& s, Entry& e, bool at_end);

  AppProto proto_;
  std::uint64_t ids_ = 0;
  std::array<Side, 2> sides_;
  std::vector<FrameView*> due_;
  std::vector<std::vector<FrameView::Hole>> holes_;  // of the frames in due_
};

}  // namespace chieng::collector
