// Pieces of a byte range that came out of order: TCP segments, IP fragments. Whose bytes count
// where two overlap is settled when the later one comes (OverlapPolicy).
#pragma once

#include <cstdint>
#include <span>

#include "collector/settings.h"
#include "core/bytes/bytes.h"
#include "core/memory/pool.h"

namespace chieng::collector {

// Owned by one flow or datagram. Bounded by max_pieces; the caller bounds the bytes.
class Segments : public Pooled {
 public:
  struct Insertion {
    std::int64_t bytes = 0;                   // change of size()
    std::int64_t cost = 0;                    // change of cost()
    bool overlap = false, different = false;  // different: the overlapping bytes were not the same
    bool refused = false;                     // too many pieces
  };
  struct Piece {
    std::uint64_t start = 0;
    std::uint64_t origin = 0;  // where the piece started before it was cut
    PooledVector<std::byte> data;
    [[nodiscard]] std::uint64_t end() const { return start + data.size(); }
  };

  explicit Segments(std::size_t max_pieces, OverlapPolicy policy = OverlapPolicy::bsd)
      : max_pieces_(max_pieces), policy_(policy) {}
  void set_policy(OverlapPolicy policy) { policy_ = policy; }

  Insertion insert(std::uint64_t start, Bytes data);
  // Removes what lies in [start, end): a new piece that wins over all of it.
  Insertion cut(std::uint64_t start, Bytes winner);

  [[nodiscard]] bool empty() const { return pieces_.empty(); }
  [[nodiscard]] std::size_t size() const { return size_; }  // bytes
  // Memory that the bytes take, and what many small pieces take beside them.
  static constexpr std::size_t kPieceCost = 80;
  [[nodiscard]] std::size_t cost() const { return size_ + pieces_.size() * kPieceCost; }
  [[nodiscard]] std::span<const Piece> pieces() const { return pieces_; }
  // Takes the first piece out.
  [[nodiscard]] Piece pop_front();
  void clear();

 private:
  void compare(const Piece& piece, std::uint64_t start, Bytes data, Insertion& result) const;
  void place(std::size_t at, std::uint64_t start, std::uint64_t origin, Bytes data);
  // The new data wins against pieces_[at]; true: nothing of the piece is left.
  bool give_way(std::size_t at, std::uint64_t end);

  void split(std::size_t at, std::uint64_t place);
  [[nodiscard]] bool wins(const Piece& old, std::uint64_t start, std::uint64_t end) const;

  std::size_t max_pieces_;
  OverlapPolicy policy_;
  std::size_t size_ = 0;
  PooledVector<Piece> pieces_;  // sorted, disjoint
};

}  // namespace chieng::collector
