#include "collector/flow/tcp_stream.h"

#include <algorithm>

namespace chieng::collector {

void TcpStream::note(Worker& worker, const Segments::Insertion& result) {
  worker.memory(result.cost);
  if (result.different) worker.event(PacketEvent::stream_reassembly_overlap_different_data);
}

void TcpStream::hand_on(Worker& worker, StreamSink& sink, std::uint64_t offset, Bytes data) {
  const std::uint64_t depth = worker.settings.stream.reassembly_depth;
  next_ = offset + data.size();
  if (depth_reached_) return;
  const std::uint64_t room = depth == 0 ? data.size() : offset < depth ? depth - offset : 0;
  const bool reached = depth != 0 && next_ >= depth;
  const Bytes kept = data.first(std::min<std::uint64_t>(room, data.size()));
  if (reached) {
    depth_reached_ = true;
    ++worker.counters.depth_reached;
    worker.event(PacketEvent::stream_reassembly_depth_reached);
  }
  worker.counters.stream_bytes += kept.size();
  if (!kept.empty()) sink.deliver(direction_, offset, kept);
}

void TcpStream::drain(Worker& worker, StreamSink& sink) {
  while (waiting() && ahead_->pieces().front().start <= next_) {
    const Segments::Piece piece = ahead_->pop_front();
    worker.memory(-static_cast<std::int64_t>(piece.data.size() + Segments::kPieceCost));
    if (piece.end() <= next_) continue;
    hand_on(worker, sink, next_, Bytes(piece.data).subspan(next_ - piece.start));
  }
  if (!waiting()) ahead_.reset();
}

Segments& TcpStream::ahead(Worker& worker) {
  if (ahead_ == nullptr)
    ahead_ = std::make_unique<Segments>(kMaxPieces, worker.settings.stream.overlaps);
  return *ahead_;
}

bool TcpStream::segment(Worker& worker, StreamSink& sink, std::int64_t offset, Bytes data) {
  if (depth_reached_) {
    highest = std::max(highest,
                       static_cast<std::uint64_t>(std::max<std::int64_t>(offset, 0)) + data.size());
    return false;
  }
  const std::int64_t end = offset + static_cast<std::int64_t>(data.size());
  if (end <= static_cast<std::int64_t>(next_)) {
    ++worker.counters.retransmissions;
    return true;
  }
  highest = std::max(highest, static_cast<std::uint64_t>(end));
  if (offset <= static_cast<std::int64_t>(next_)) {
    const Bytes fresh =
        data.subspan(static_cast<std::size_t>(static_cast<std::int64_t>(next_) - offset));
    if (waiting()) note(worker, ahead_->cut(next_, fresh));
    hand_on(worker, sink, next_, fresh);
    drain(worker, sink);
    return true;
  }
  if (worker.memory_full(data.size() + Segments::kPieceCost)) {
    ++worker.counters.segments_dropped;
    worker.event(PacketEvent::stream_reassembly_insert_memcap);
    return false;
  }
  const Segments::Insertion result = ahead(worker).insert(static_cast<std::uint64_t>(offset), data);
  note(worker, result);
  if (result.refused) {
    ++worker.counters.segments_dropped;
    worker.event(PacketEvent::stream_reassembly_insert_limit);
  }
  return !result.refused;
}

void TcpStream::skip(Worker& worker, StreamSink& sink, std::uint64_t to) {
  const std::uint64_t from = next_, bytes = to - next_;
  next_ = to;
  if (depth_reached_) return;
  ++worker.counters.gaps;
  worker.counters.gap_bytes += bytes;
  sink.lost(direction_, from, bytes);
}

void TcpStream::hold(Worker& worker, Bytes data) {
  if (!worker.memory_full(data.size() + Segments::kPieceCost))
    note(worker, ahead(worker).insert(0, data));
  highest = std::max<std::uint64_t>(highest, data.size());
}

void TcpStream::acknowledged(Worker& worker, StreamSink& sink, std::uint64_t offset) {
  // Where nothing is known to follow, what is missing may still be seen.
  while (offset > next_ && waiting()) {
    const std::uint64_t to = std::min(offset, ahead_->pieces().front().start);
    if (to > next_) {
      worker.event(PacketEvent::stream_reassembly_seq_gap);
      skip(worker, sink, to);
    }
    drain(worker, sink);
  }
}

void TcpStream::flush(Worker& worker, StreamSink& sink) {
  while (waiting()) {
    skip(worker, sink, ahead_->pieces().front().start);
    drain(worker, sink);
  }
}

void TcpStream::forget(Worker& worker) {
  if (ahead_ == nullptr) return;
  worker.memory(-static_cast<std::int64_t>(ahead_->cost()));
  ahead_.reset();
}

}  // namespace chieng::collector
