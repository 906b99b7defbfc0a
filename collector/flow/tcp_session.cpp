#include "collector/flow/tcp_session.h"

#include <algorithm>

namespace chieng::collector {
namespace {

// How far beyond what was seen an acknowledgement may reach where windows are not known.
constexpr std::uint64_t kGuessedWindow = 1u << 20;

bool is_ending(TcpState s) {
  return s == TcpState::time_wait || s == TcpState::last_ack || s == TcpState::closed;
}

}  // namespace

std::string_view to_string(TcpState s) {
  switch (s) {
    case TcpState::none:
      return "none";
    case TcpState::syn_sent:
      return "syn_sent";
    case TcpState::syn_recv:
      return "syn_recv";
    case TcpState::established:
      return "established";
    case TcpState::fin_wait1:
      return "fin_wait1";
    case TcpState::fin_wait2:
      return "fin_wait2";
    case TcpState::time_wait:
      return "time_wait";
    case TcpState::last_ack:
      return "last_ack";
    case TcpState::close_wait:
      return "close_wait";
    case TcpState::closing:
      return "closing";
    case TcpState::closed:
      return "closed";
  }
  return "none";
}

TcpSession::Outcome TcpSession::packet(Worker& worker, FlowView& flow, StreamSink& sink,
                                       const Decoded& decoded, Direction d) {
  const Segment s{decoded.view, decoded.tcp, d, streams_[index(d)], streams_[index(opposite(d))]};
  Outcome outcome;
  if (!s.has(tcp_flag::ack) && s.packet.tcp_ack != 0)
    worker.event(PacketEvent::stream_pkt_broken_ack);
  if (state_ == TcpState::closed) {
    flow.tcp_flags[index(d)] |= decoded.view.tcp_flags;
    return outcome;
  }
  Verdict verdict = handshake(worker, sink, s);
  if (verdict == Verdict::take && s.has(tcp_flag::rst)) {
    outcome.reset = reset(worker, s);
    verdict = Verdict::ignore;
  }
  if (verdict == Verdict::take) verdict = check(worker, s);
  if (verdict == Verdict::take) {
    if (s.has(tcp_flag::ack)) acknowledge(worker, sink, s);
    const std::int64_t offset = s.ours.offset_of(s.packet.tcp_seq);
    Bytes data = s.packet.payload;
    if (s.ours.fin) {  // nothing can follow a FIN
      const std::int64_t room = static_cast<std::int64_t>(s.ours.fin_at) - offset;
      data =
          data.first(static_cast<std::size_t>(std::clamp<std::int64_t>(room, 0, std::ssize(data))));
    }
    if (!data.empty()) outcome.in_stream = s.ours.segment(worker, sink, offset, data);
    if (s.has(tcp_flag::fin))
      fin(s, static_cast<std::uint64_t>(std::max<std::int64_t>(offset, 0)) + data.size());
    fin_acknowledged();
  }
  s.ours.settled = s.ours.acked;
  // Packets before the connection do not count.
  if (state_ != TcpState::none) flow.tcp_flags[index(d)] |= decoded.view.tcp_flags;
  publish(flow);
  return outcome;
}

bool TcpSession::old_timestamp(const Segment& s) {
  std::uint32_t& last = timestamp_[index(s.d)];
  if (!stamped_[index(s.d)] || !s.options.has_timestamp) return false;
  if (static_cast<std::int32_t>(s.options.timestamp - last) < 0) return true;
  if (s.ours.offset_of(s.packet.tcp_seq) <= static_cast<std::int64_t>(s.ours.next()))
    last = s.options.timestamp;
  return false;
}

TcpSession::Verdict TcpSession::check(Worker& worker, const Segment& s) {
  if (s.has(tcp_flag::syn)) {
    if (s.to_server()) {
      worker.event(s.packet.tcp_seq == isn_ ? PacketEvent::stream_est_syn_resend
                                            : PacketEvent::stream_est_syn_resend_diff_seq);
    } else {
      worker.event(s.has(tcp_flag::ack) ? PacketEvent::stream_est_synack_resend
                                        : PacketEvent::stream_est_syn_toclient);
    }
    return Verdict::ignore;
  }
  if (old_timestamp(s)) {
    worker.event(PacketEvent::stream_pkt_invalid_timestamp);
    return Verdict::ignore;
  }
  const std::uint64_t guess = lenient_ ? kGuessedWindow : 0;
  if (s.has(tcp_flag::ack)) {
    const std::int64_t ack = s.theirs.offset_of(s.packet.tcp_ack);
    const std::uint64_t limit =
        std::max(s.theirs.right_edge, s.theirs.highest + guess) + (s.theirs.fin ? 1 : 0);
    if (ack > static_cast<std::int64_t>(limit)) {
      worker.event(PacketEvent::stream_est_invalid_ack);
      worker.event(PacketEvent::stream_pkt_invalid_ack);
      return Verdict::ignore;
    }
  }
  const std::int64_t end = s.ours.offset_of(s.packet.tcp_seq) + std::ssize(s.packet.payload);
  if (!lenient_ && is_repeated(worker, s, end)) return Verdict::ignore;
  const std::uint64_t edge = std::max(s.ours.right_edge, s.ours.highest + guess);
  // One byte beyond is how a closed window is probed.
  if (end > static_cast<std::int64_t>(edge) && s.packet.payload.size() > 1) {
    worker.event(PacketEvent::stream_est_packet_out_of_window);
    return Verdict::ignore;
  }
  return Verdict::take;
}

// Data that the other side has acknowledged are of no use to it.
bool TcpSession::is_repeated(Worker& worker, const Segment& s, std::int64_t end) const {
  const bool empty = s.packet.payload.empty();
  const bool probe =
      std::ssize(s.packet.payload) <= 1 && !s.has(tcp_flag::fin) &&
      end - std::ssize(s.packet.payload) + 1 == static_cast<std::int64_t>(s.ours.highest);
  if (probe) return false;  // keep-alive (RFC 9293 section 3.8.4)
  if (!empty && end <= static_cast<std::int64_t>(s.ours.acked)) {
    worker.event(PacketEvent::stream_pkt_spurious_retransmission);
    if (end <= static_cast<std::int64_t>(s.ours.settled)) return true;
  } else if (!empty && (state_ == TcpState::fin_wait1 || state_ == TcpState::fin_wait2) &&
             end <= static_cast<std::int64_t>(s.ours.highest)) {
    worker.event(PacketEvent::stream_pkt_retransmission);
    return false;
  }
  // What was acknowledged without having been seen may still come.
  const bool unseen =
      s.ours.acked > s.ours.highest && end > static_cast<std::int64_t>(s.ours.highest);
  if (end >= static_cast<std::int64_t>(s.ours.acked) || unseen) return false;
  if (state_ == TcpState::established) worker.event(PacketEvent::stream_est_pkt_before_last_ack);
  return true;
}

void TcpSession::open_window(const Segment& s) {
  const bool scaled = offered_scale_[0] && offered_scale_[1];
  // Without the handshake the scale is not known: the largest.
  const unsigned shift = lenient_ ? 14 : scaled ? s.ours.scale : 0;
  const std::uint64_t edge = s.theirs.acked + (std::uint64_t{s.packet.tcp_window} << shift);
  s.theirs.right_edge = std::max(s.theirs.right_edge, edge);
}

void TcpSession::acknowledge(Worker& worker, StreamSink& sink, const Segment& s) {
  const std::int64_t ack = s.theirs.offset_of(s.packet.tcp_ack);
  if (ack >= static_cast<std::int64_t>(s.theirs.acked) && ack >= 0) {
    s.theirs.acked = static_cast<std::uint64_t>(ack);
    const std::uint64_t data =
        s.theirs.fin ? std::min(s.theirs.acked, s.theirs.fin_at) : s.theirs.acked;
    if (data > s.theirs.next()) s.theirs.acknowledged(worker, sink, data);
  }
  open_window(s);
}

bool TcpSession::reset(Worker& worker, const Segment& s) {
  if (s.ours.started() && !lenient_) {
    // What follows on the last byte that was sent; anything else a receiver may ignore, and most do
    // (RFC 5961 section 3.2).
    const std::int64_t at = s.ours.offset_of(s.packet.tcp_seq);
    const auto next = static_cast<std::int64_t>(s.ours.highest);
    if (at != next && !(s.ours.fin && at == next + 1)) return false;
  }
  if (s.theirs.started() && s.has(tcp_flag::ack) && !lenient_) {
    const std::int64_t ack = s.theirs.offset_of(s.packet.tcp_ack);
    if (ack > static_cast<std::int64_t>(std::max(s.theirs.right_edge, s.theirs.highest)) + 1) {
      worker.event(PacketEvent::stream_rst_invalid_ack);
      return false;
    }
  }
  if (!s.packet.payload.empty()) worker.event(PacketEvent::stream_rst_with_data);
  state_ = TcpState::closed;
  return true;
}

void TcpSession::fin(const Segment& s, std::uint64_t at) {
  if (s.ours.fin) return;
  s.ours.fin = true;
  s.ours.fin_at = at;
  switch (state_) {
    case TcpState::established:
      state_ = s.to_server() ? TcpState::close_wait : TcpState::fin_wait1;
      break;
    case TcpState::close_wait:
      state_ = TcpState::last_ack;
      break;
    case TcpState::fin_wait1:
      if (s.theirs.fin) state_ = TcpState::closing;
      break;
    case TcpState::fin_wait2:
      state_ = TcpState::time_wait;
      break;
    case TcpState::none:
    case TcpState::syn_sent:
    case TcpState::syn_recv:
    case TcpState::time_wait:
    case TcpState::last_ack:
    case TcpState::closing:
    case TcpState::closed:
      break;
  }
}

void TcpSession::fin_acknowledged() {
  const TcpStream& client = streams_[0];
  const TcpStream& server = streams_[1];
  const bool server_done = server.fin && server.acked > server.fin_at;
  const bool client_done = client.fin && client.acked > client.fin_at;
  if (state_ == TcpState::fin_wait1 && server_done) state_ = TcpState::fin_wait2;
  if (state_ == TcpState::closing && server_done) state_ = TcpState::time_wait;
  if (server_done && client_done) state_ = TcpState::closed;
}

void TcpSession::publish(FlowView& flow) const {
  for (std::size_t i = 0; i < 2; ++i)
    if (streams_[i].started())
      flow.stream_size[i] =
          static_cast<std::uint32_t>(streams_[i].highest + 1 + (streams_[i].fin ? 1 : 0));
  if (state_ != TcpState::none) flow.tcp_state = to_string(state_);
  // A reset during the handshake leaves it unfinished.
  if (state_ >= TcpState::established && state_ != TcpState::closed) flow.established = true;
  if (is_ending(state_))
    flow.state = FlowState::closed;
  else if (state_ >= TcpState::established)
    flow.state = FlowState::established;
}

bool TcpSession::is_reused_by(const PacketView& packet, Direction d) const {
  constexpr std::uint8_t relevant = tcp_flag::syn | tcp_flag::ack | tcp_flag::rst | tcp_flag::fin;
  if ((packet.tcp_flags & relevant) != tcp_flag::syn || !is_ending(state_)) return false;
  return d == Direction::to_client || packet.tcp_seq != isn_;
}

void TcpSession::flush(Worker& worker, StreamSink& sink) {
  for (TcpStream& stream : streams_) stream.flush(worker, sink);
}

void TcpSession::forget(Worker& worker) {
  for (TcpStream& stream : streams_) stream.forget(worker);
}

}  // namespace chieng::collector
