// Which packets of a connection count: acknowledgements, windows, resets, and what may still come
// while it closes (RFC 9293 section 3.10.7.4). Those that do not are reported, and ignored.
#include <algorithm>

#include "collector/flow/tcp_session.h"

namespace chieng::collector {
namespace {

// How far beyond what was seen a packet may reach where windows are not known.
constexpr std::int64_t kGuessedWindow = 1 << 20;

constexpr std::uint8_t kOpensOrEnds = tcp_flag::syn | tcp_flag::fin | tcp_flag::rst;

bool has_any(const PacketView& packet, std::uint8_t flags) {
  return (packet.tcp_flags & flags) != 0;
}

}  // namespace

std::uint64_t TcpSession::window_of(const Segment& s) const {
  const bool scaled = offered_scale_[0] && offered_scale_[1];
  // Without the handshake the scale is not known: the largest.
  const unsigned shift = lenient_ ? 14 : scaled ? s.ours.scale : 0;
  return std::uint64_t{s.packet.tcp_window} << shift;
}

// Where a side may send up to.
std::int64_t TcpSession::window_end(const TcpStream& stream) const {
  const auto edge = static_cast<std::int64_t>(stream.right_edge);
  const std::int64_t sent = stream.expected() + (lenient_ ? kGuessedWindow : 0);
  return std::max(edge, sent);
}

bool TcpSession::old_timestamp(const Segment& s) {
  std::uint32_t& last = timestamp_[index(s.d)];
  if (!stamped_[index(s.d)] || !s.options.has_timestamp) return false;
  if (static_cast<std::int32_t>(s.options.timestamp - last) < 0) return true;
  if (s.seq() <= static_cast<std::int64_t>(s.ours.next())) last = s.options.timestamp;
  return false;
}

// An old acknowledgement may be late; one that is older than a window, or of what was never sent,
// is not of this connection.
bool TcpSession::valid_ack(Worker& worker, const Segment& s) const {
  if (!s.has(tcp_flag::ack)) return true;
  const std::int64_t ack = s.ack();
  const auto last = static_cast<std::int64_t>(s.theirs.acked);
  const std::int64_t limit = window_end(s.theirs) + (s.theirs.fin ? 1 : 0);
  const auto window = static_cast<std::int64_t>(s.theirs.right_edge) - last;
  const bool valid = ack >= last ? ack <= limit : lenient_ || ack >= last - window;
  if (!valid) worker.event(PacketEvent::stream_pkt_invalid_ack);
  return valid;
}

bool TcpSession::is_window_update(const Segment& s) const {
  return s.packet.payload.empty() && !has_any(s.packet, kOpensOrEnds) && s.packet.tcp_window != 0 &&
         window_of(s) != s.theirs.window && s.ack() == static_cast<std::int64_t>(s.theirs.acked) &&
         s.seq() == s.ours.expected();
}

// A much smaller window with an acknowledgement and a sequence number that are both ahead of time.
bool TcpSession::is_bad_window_update(const Segment& s) const {
  if (has_any(s.packet, kOpensOrEnds) || !has_any(s.packet, tcp_flag::ack | tcp_flag::psh))
    return false;
  const std::uint64_t window = window_of(s);
  return window < s.theirs.window / 2 && s.theirs.window - window > s.packet.payload.size() &&
         s.ack() > s.theirs.expected() && s.seq() > s.ours.expected();
}

// The byte before the next one, or none, so that the other side acknowledges (RFC 9293 section
// 3.8.4); and that acknowledgement.
bool TcpSession::is_keep_alive(const Segment& s) {
  if (has_any(s.packet, kOpensOrEnds) || is_window_update(s)) return false;
  const bool up_to_date = s.ack() == static_cast<std::int64_t>(s.theirs.acked);
  if (s.packet.payload.size() <= 1 && up_to_date && s.seq() == s.ours.expected() - 1) {
    kept_alive_[index(s.d)] = true;
    return true;
  }
  const bool answer = kept_alive_[index(opposite(s.d))] && s.packet.payload.empty() && up_to_date &&
                      s.seq() == s.ours.expected() && window_of(s) == s.theirs.window;
  kept_alive_ = {};
  return answer;
}

// What a receiver drops whatever the state.
bool TcpSession::is_of_no_use(Worker& worker, const Segment& s) {
  if (!s.ours.started()) return false;
  if (s.theirs.started() && is_keep_alive(s)) return true;
  const std::int64_t end = s.end();
  if (s.packet.payload.empty() || lenient_ || end > static_cast<std::int64_t>(s.ours.acked))
    return false;
  worker.event(PacketEvent::stream_pkt_spurious_retransmission);
  return end <= static_cast<std::int64_t>(s.ours.settled);
}

TcpSession::Verdict TcpSession::check(Worker& worker, const Segment& s) {
  if (is_bad_window_update(s)) {
    worker.event(PacketEvent::stream_pkt_bad_window_update);
    return Verdict::ignore;
  }
  const bool outdated = s.packet.payload.empty() && !has_any(s.packet, kOpensOrEnds) &&
                        s.has(tcp_flag::ack) && s.ack() < static_cast<std::int64_t>(s.theirs.acked);
  if (outdated) return Verdict::ignore;
  if (state_ != TcpState::established) return in_closing(worker, s);
  if (s.has(tcp_flag::fin)) return fin_in_established(worker, s);
  if (s.has(tcp_flag::syn)) return syn_in_established(worker, s);
  return in_established(worker, s);
}

TcpSession::Verdict TcpSession::syn_in_established(Worker& worker, const Segment& s) {
  const auto report = [&worker](PacketEvent e) {
    worker.event(e);
    return Verdict::ignore;
  };
  if (!s.has(tcp_flag::ack)) {
    if (!s.to_server()) return report(PacketEvent::stream_est_syn_toclient);
    return report(s.packet.tcp_seq == isn_ ? PacketEvent::stream_est_syn_resend
                                           : PacketEvent::stream_est_syn_resend_diff_seq);
  }
  if (s.to_server()) return report(PacketEvent::stream_est_synack_toserver);
  if (s.packet.tcp_ack != isn_ + 1)
    return report(PacketEvent::stream_est_synack_resend_with_diff_ack);
  if (s.packet.tcp_seq != server_isn_)
    return report(PacketEvent::stream_est_synack_resend_with_diff_seq);
  // Until something follows, the client's part of the handshake may have been lost on its way.
  return confirmed_ ? report(PacketEvent::stream_est_synack_resend) : Verdict::ignore;
}

bool TcpSession::follows(const Segment& s) const {
  const std::int64_t edge =
      static_cast<std::int64_t>(s.ours.acked + s.ours.window) + (lenient_ ? kGuessedWindow : 0);
  return s.seq() >= static_cast<std::int64_t>(s.ours.acked) &&
         s.seq() <= std::max(edge, s.ours.expected());
}

// Data that were sent before, at least in part.
bool TcpSession::is_repeated(const Segment& s) {
  return !s.packet.payload.empty() &&
         (s.end() <= s.ours.expected() || s.seq() < static_cast<std::int64_t>(s.ours.acked));
}

TcpSession::Verdict TcpSession::fin_in_established(Worker& worker, const Segment& s) {
  if (old_timestamp(s)) {
    worker.event(PacketEvent::stream_pkt_invalid_timestamp);
    return Verdict::ignore;
  }
  if (!valid_ack(worker, s)) {
    worker.event(PacketEvent::stream_fin_invalid_ack);
    return Verdict::ignore;
  }
  if (follows(s)) return Verdict::take;
  worker.event(PacketEvent::stream_fin_out_of_window);
  // Repeated data may stand in front of new ones: a receiver takes those.
  const bool new_data = s.end() > s.ours.expected() && s.end() <= window_end(s.ours);
  return new_data && s.seq() < s.ours.expected() ? Verdict::take : Verdict::ignore;
}

TcpSession::Verdict TcpSession::in_established(Worker& worker, const Segment& s) {
  const auto report = [&worker](PacketEvent e) {
    worker.event(e);
    return Verdict::ignore;
  };
  if (!s.has(tcp_flag::ack)) return Verdict::ignore;
  if (old_timestamp(s)) return report(PacketEvent::stream_pkt_invalid_timestamp);
  if (!valid_ack(worker, s)) return report(PacketEvent::stream_est_invalid_ack);
  const std::int64_t end = s.end();
  // What was acknowledged without having been seen may still come.
  const bool unseen =
      s.ours.acked > s.ours.highest && end > static_cast<std::int64_t>(s.ours.highest);
  const bool probe = s.packet.payload.size() <= 1 && s.seq() + 1 == s.ours.expected();
  if (!lenient_ && !unseen && !probe && end < static_cast<std::int64_t>(s.ours.acked))
    return report(PacketEvent::stream_est_pkt_before_last_ack);
  // One byte beyond is how a closed window is probed.
  if (end > window_end(s.ours) && s.packet.payload.size() != 1)
    return report(PacketEvent::stream_est_packet_out_of_window);
  if (!s.to_server()) confirmed_ = true;
  return Verdict::take;
}

TcpSession::Verdict TcpSession::in_closing(Worker& worker, const Segment& s) {
  if (s.has(tcp_flag::syn) && !s.has(tcp_flag::fin)) {
    worker.event(PacketEvent::stream_shutdown_syn_resend);
    return Verdict::ignore;
  }
  if (!has_any(s.packet, tcp_flag::ack | tcp_flag::fin)) return Verdict::ignore;
  if (old_timestamp(s)) {
    worker.event(PacketEvent::stream_pkt_invalid_timestamp);
    return Verdict::ignore;
  }
  switch (state_) {
    case TcpState::close_wait:
      return in_close_wait(worker, s);
    case TcpState::closing:
      return at_the_end(worker, s, PacketEvent::stream_closing_ack_wrong_seq,
                        PacketEvent::stream_closing_invalid_ack);
    case TcpState::last_ack:
      return at_the_end(worker, s, PacketEvent::stream_lastack_ack_wrong_seq,
                        PacketEvent::stream_lastack_invalid_ack);
    case TcpState::time_wait:
      return at_the_end(worker, s, PacketEvent::stream_timewait_ack_wrong_seq,
                        PacketEvent::stream_timewait_invalid_ack);
    default:
      return after_fin(worker, s);
  }
}

// The server ended first (FIN_WAIT1), and the client acknowledged it (FIN_WAIT2).
TcpSession::Verdict TcpSession::after_fin(Worker& worker, const Segment& s) {
  const bool first = state_ == TcpState::fin_wait1;
  const auto report = [&](PacketEvent in_first, PacketEvent in_second) {
    worker.event(first ? in_first : in_second);
    return Verdict::ignore;
  };
  const bool again = is_repeated(s);
  if (again) {
    worker.event(PacketEvent::stream_pkt_retransmission);
  } else if (s.has(tcp_flag::fin)) {
    const bool fin_again = s.packet.payload.empty() && s.seq() + 1 == s.ours.expected();
    if (!fin_again && !follows(s))
      return report(PacketEvent::stream_fin1_fin_wrong_seq, PacketEvent::stream_fin2_fin_wrong_seq);
  }
  if (!valid_ack(worker, s))
    return report(PacketEvent::stream_fin1_invalid_ack, PacketEvent::stream_fin2_invalid_ack);
  if (!again && !s.has(tcp_flag::fin) && s.end() > window_end(s.ours))
    return report(PacketEvent::stream_fin1_ack_wrong_seq, PacketEvent::stream_fin2_ack_wrong_seq);
  return Verdict::take;
}

// The client ended first.
TcpSession::Verdict TcpSession::in_close_wait(Worker& worker, const Segment& s) {
  const auto report = [&worker](PacketEvent e) {
    worker.event(e);
    return Verdict::ignore;
  };
  const bool again = is_repeated(s);
  const auto acked = static_cast<std::int64_t>(s.ours.acked);
  if (again) worker.event(PacketEvent::stream_pkt_retransmission);
  if (s.has(tcp_flag::fin)) {
    if (!again && !follows(s)) return report(PacketEvent::stream_closewait_fin_out_of_window);
  } else {
    if (!s.packet.payload.empty() && s.end() <= acked)
      return report(PacketEvent::stream_closewait_pkt_before_last_ack);
    if (s.seq() > acked + static_cast<std::int64_t>(s.ours.window))
      return report(PacketEvent::stream_closewait_ack_out_of_window);
  }
  if (!valid_ack(worker, s)) return report(PacketEvent::stream_closewait_invalid_ack);
  return Verdict::take;
}

// Both sides ended: nothing but the last acknowledgements is due.
TcpSession::Verdict TcpSession::at_the_end(Worker& worker, const Segment& s, PacketEvent wrong_seq,
                                           PacketEvent invalid_ack) const {
  const auto report = [&worker](PacketEvent e) {
    worker.event(e);
    return Verdict::ignore;
  };
  if (s.has(tcp_flag::fin)) return Verdict::ignore;  // sent again until it is acknowledged
  const bool again = is_repeated(s);
  if (again) worker.event(PacketEvent::stream_pkt_retransmission);
  if (!again && s.seq() != s.ours.expected() && s.seq() != s.ours.expected() + 1)
    return report(wrong_seq);
  if (!valid_ack(worker, s)) return report(invalid_ack);
  return Verdict::take;
}

}  // namespace chieng::collector
