#include "collector/flow/segments.h"

#include <algorithm>

namespace chieng::collector {

void Segments::compare(const Piece& piece, std::uint64_t start, Bytes data,
                       Insertion& result) const {
  const std::uint64_t from = std::max(piece.start, start),
                      to = std::min(piece.end(), start + data.size());
  if (from >= to) return;
  result.overlap = true;
  const Bytes was = Bytes(piece.data).subspan(from - piece.start, to - from);
  if (!std::equal(was.begin(), was.end(), data.begin() + static_cast<std::ptrdiff_t>(from - start)))
    result.different = true;
}

void Segments::place(std::size_t at, std::uint64_t start, std::uint64_t origin, Bytes data) {
  pieces_.insert(pieces_.begin() + static_cast<std::ptrdiff_t>(at),
                 Piece{start, origin, {data.begin(), data.end()}});
  size_ += data.size();
}

bool Segments::give_way(std::size_t at, std::uint64_t end) {
  Piece& piece = pieces_[at];
  if (piece.end() <= end) {
    size_ -= piece.data.size();
    pieces_.erase(pieces_.begin() + static_cast<std::ptrdiff_t>(at));
    return true;
  }
  const std::uint64_t lost = end - piece.start;
  piece.data.erase(piece.data.begin(), piece.data.begin() + static_cast<std::ptrdiff_t>(lost));
  piece.start = end;
  size_ -= lost;
  return false;
}

void Segments::split(std::size_t at, std::uint64_t place) {
  Piece& front = pieces_[at];
  const auto middle = front.data.begin() + static_cast<std::ptrdiff_t>(place - front.start);
  Piece back{place, front.origin, {middle, front.data.end()}};
  front.data.erase(middle, front.data.end());
  pieces_.insert(pieces_.begin() + static_cast<std::ptrdiff_t>(at) + 1, std::move(back));
}

// Whether a new piece's bytes count where it overlaps the old one.
bool Segments::wins(const Piece& old, std::uint64_t start, std::uint64_t end) const {
  switch (policy_) {
    case OverlapPolicy::first:
      return false;
    case OverlapPolicy::last:
      return true;
    case OverlapPolicy::longer:
      return start < old.origin || (start == old.origin && end > old.end());
    case OverlapPolicy::solaris:
      return old.end() < end || (old.end() == end && old.origin >= start);
    case OverlapPolicy::bsd:
      break;
  }
  return start < old.origin;
}

Segments::Insertion Segments::insert(std::uint64_t start, Bytes data) {
  Insertion result;
  if (data.empty()) return result;
  if (pieces_.size() >= max_pieces_) {
    result.refused = true;
    return result;
  }
  const std::size_t before = size_, cost_before = cost();
  const std::uint64_t end = start + data.size();
  const auto first = std::partition_point(pieces_.begin(), pieces_.end(),
                                          [start](const Piece& p) { return p.end() <= start; });
  std::size_t i = static_cast<std::size_t>(first - pieces_.begin());
  std::uint64_t cursor = start;  // new bytes before it are settled
  while (cursor < end) {
    if (i == pieces_.size() || pieces_[i].start >= end) {
      place(i, cursor, start, data.subspan(cursor - start));
      break;
    }
    compare(pieces_[i], start, data, result);
    if (wins(pieces_[i], start, end)) {
      if (pieces_[i].start < cursor) split(i++, cursor);
      if (give_way(i, end)) continue;
      place(i, cursor, start, data.subspan(cursor - start));
      break;
    }
    if (pieces_[i].start > cursor) {
      place(i, cursor, start, data.subspan(cursor - start, pieces_[i].start - cursor));
      ++i;
    }
    cursor = pieces_[i].end();
    ++i;
  }
  result.bytes = static_cast<std::int64_t>(size_) - static_cast<std::int64_t>(before);
  result.cost = static_cast<std::int64_t>(cost()) - static_cast<std::int64_t>(cost_before);
  return result;
}

Segments::Insertion Segments::cut(std::uint64_t start, Bytes winner) {
  Insertion result;
  const std::size_t before = size_, cost_before = cost();
  const std::uint64_t end = start + winner.size();
  while (!pieces_.empty() && pieces_.front().start < end) {
    compare(pieces_.front(), start, winner, result);
    if (!give_way(0, end)) break;
  }
  result.bytes = static_cast<std::int64_t>(size_) - static_cast<std::int64_t>(before);
  result.cost = static_cast<std::int64_t>(cost()) - static_cast<std::int64_t>(cost_before);
  return result;
}

Segments::Piece Segments::pop_front() {
  Piece out = std::move(pieces_.front());
  pieces_.erase(pieces_.begin());
  size_ -= out.data.size();
  return out;
}

void Segments::clear() {
  pieces_.clear();
  size_ = 0;
}

}  // namespace chieng::collector
