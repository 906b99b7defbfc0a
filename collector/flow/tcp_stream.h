// One direction of a TCP connection: turns segments into bytes in order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>

#include "collector/flow/segments.h"
#include "collector/flow/worker.h"

namespace chieng::collector {

// Where ordered bytes go.
class StreamSink {
 public:
  virtual ~StreamSink() = default;
  virtual void deliver(Direction d, std::uint64_t offset, Bytes data) = 0;
  virtual void lost(Direction d, std::uint64_t offset, std::uint64_t bytes) = 0;
};

// Offsets count from the first payload byte (SYN + 1), in 64 bits, so that they do not wrap. Data
// that comes in order goes on at once and cannot be changed afterwards; data ahead of it waits.
// Bounded: kMaxPieces pieces, and StreamSettings::memory over all flows.
class TcpStream {
 public:
  static constexpr std::size_t kMaxPieces = 4096;

  explicit TcpStream(Direction d) : direction_(d) {}

  void start(std::uint32_t first_seq) {
    first_seq_ = first_seq, started_ = true;
  }  // of the first payload byte
  [[nodiscard]] bool started() const { return started_; }
  // Nearest to what is expected now; negative: before the start.
  [[nodiscard]] std::int64_t offset_of(std::uint32_t seq) const {
    const auto expected = static_cast<std::uint32_t>(first_seq_ + next_);
    return static_cast<std::int64_t>(next_) + static_cast<std::int32_t>(seq - expected);
  }
  // Takes a segment. False: not taken, because of the depth or a memory bound.
  bool segment(Worker& worker, StreamSink& sink, std::int64_t offset, Bytes data);
  // Data of a SYN (RFC 7413): waits until the other side takes it, or drops it.
  void hold(Worker& worker, Bytes data);
  // The other side acknowledged everything before offset: what is missing there will not come.
  void acknowledged(Worker& worker, StreamSink& sink, std::uint64_t offset);
  // Nothing more will come: hands on what still waits.
  void flush(Worker& worker, StreamSink& sink);
  void forget(Worker& worker);  // frees what waits

  [[nodiscard]] std::uint64_t next() const {
    return next_;
  }  // everything before it was handed on or lost
  [[nodiscard]] bool depth_reached() const { return depth_reached_; }
  [[nodiscard]] bool waiting() const { return ahead_ != nullptr && !ahead_->empty(); }

  // What this side sends next, a FIN counted: some that was acknowledged may not have been seen.
  [[nodiscard]] std::int64_t expected() const {
    return static_cast<std::int64_t>(
        std::max(fin && highest <= fin_at ? fin_at + 1 : highest, acked));
  }

  // The connection's view of this side; kept by TcpSession.
  std::uint64_t highest = 0;     // end of what was sent
  std::uint64_t acked = 0;       // by the other side
  std::uint64_t settled = 0;     // acked when this side's last packet was done
  std::uint64_t right_edge = 0;  // what the other side's window allows
  std::uint64_t window = 0;      // the other side's, as last told
  std::uint8_t scale = 0;        // of the windows that this side announces
  bool fin = false;
  std::uint64_t fin_at = 0;  // end of data

 private:
  void hand_on(Worker& worker, StreamSink& sink, std::uint64_t offset, Bytes data);
  void drain(Worker& worker, StreamSink& sink);
  void skip(Worker& worker, StreamSink& sink, std::uint64_t to);
  [[nodiscard]] Segments& ahead(Worker& worker);
  void note(Worker& worker, const Segments::Insertion& result);

  Direction direction_;
  bool started_ = false, depth_reached_ = false;
  std::uint32_t first_seq_ = 0;
  std::uint64_t next_ = 0;
  std::unique_ptr<Segments> ahead_;  // null where nothing waits
};

}  // namespace chieng::collector
