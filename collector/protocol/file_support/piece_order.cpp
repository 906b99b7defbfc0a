#include "collector/protocol/file_support/piece_order.h"

#include <iterator>

namespace chieng::collector {

void PieceOrder::append(Bytes data, Sink& sink) {
  sink.append(data);
  at_ += data.size();
}

void PieceOrder::lose(std::uint64_t bytes, Sink& sink) {
  sink.lose(bytes);
  at_ += bytes;
}

// Pieces that follow each other are one.
void PieceOrder::keep_early(std::uint64_t offset, Bytes data) {
  const auto next = early_.upper_bound(offset);
  if (next != early_.begin()) {
    auto& [begin, held] = *std::prev(next);
    if (offset - begin == held.size()) {
      held.append(as_text(data));
      queued_ += data.size();
      return;
    }
  }
  std::string& held = early_[offset];
  if (held.size() >= data.size()) return;
  queued_ += data.size() - held.size();
  held = as_text(data);
}

PieceOrder::Flaw PieceOrder::data(std::uint64_t offset, Bytes data, Sink& sink) {
  if (offset > at_) {
    keep_early(offset, data);
    const bool many = early_.size() > kMostPieces;
    if (!many && queued_ <= kMostQueued) return Flaw::none;
    lose(early_.begin()->first - at_, sink);
    drain(sink);
    return many ? Flaw::too_many_pieces : Flaw::too_many_bytes;
  }
  const std::uint64_t known = at_ - offset;
  if (known >= data.size()) return Flaw::none;
  append(data.subspan(static_cast<std::size_t>(known)), sink);
  drain(sink);
  return Flaw::none;
}

void PieceOrder::drain(Sink& sink) {
  while (!early_.empty() && early_.begin()->first <= at_) {
    const auto first = early_.extract(early_.begin());
    queued_ -= first.mapped().size();
    const std::uint64_t known = at_ - first.key();
    if (known < first.mapped().size())
      append(as_bytes(first.mapped()).subspan(static_cast<std::size_t>(known)), sink);
  }
}

void PieceOrder::gap(std::uint64_t offset, std::uint64_t bytes, Sink& sink) {
  if (offset > at_ || offset + bytes <= at_) return;  // as if it had not been sent
  lose(offset + bytes - at_, sink);
  drain(sink);
}

void PieceOrder::flush(Sink& sink) {
  while (!early_.empty()) {
    lose(early_.begin()->first - at_, sink);
    drain(sink);
  }
}

}  // namespace chieng::collector
