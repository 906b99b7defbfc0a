// How a connection begins (RFC 9293 section 3.5), and how one is taken up whose beginning was not
// seen.
#include "collector/flow/tcp_session.h"

namespace chieng::collector {
namespace {

constexpr std::uint8_t kSynFlood = 10;  // SYNs with different numbers on one pair of ports

}  // namespace

TcpSession::Verdict TcpSession::handshake(Worker& worker, StreamSink& sink, const Segment& s) {
  switch (state_) {
    case TcpState::none:
      return first_packet(worker, s);
    case TcpState::syn_sent:
      return in_syn_sent(worker, sink, s);
    case TcpState::syn_recv:
      return in_syn_recv(worker, s);
    case TcpState::established:
    case TcpState::fin_wait1:
    case TcpState::fin_wait2:
    case TcpState::time_wait:
    case TcpState::last_ack:
    case TcpState::close_wait:
    case TcpState::closing:
    case TcpState::closed:
      break;
  }
  return Verdict::take;
}

void TcpSession::client_syn(Worker& worker, const Segment& s) {
  isn_ = s.packet.tcp_seq;
  s.ours = TcpStream(s.d);
  s.ours.start(isn_ + 1);
  s.ours.scale = s.options.window_scale;
  s.theirs.right_edge = s.theirs.window = s.packet.tcp_window;
  offered_scale_[index(s.d)] = s.options.has_window_scale;
  stamped_[index(s.d)] = s.options.has_timestamp;
  timestamp_[index(s.d)] = s.options.timestamp;
  if (s.options.fast_open && !s.packet.payload.empty()) s.ours.hold(worker, s.packet.payload);
}

void TcpSession::server_syn(const Segment& s) {
  server_isn_ = s.packet.tcp_seq;
  const std::uint64_t edge = s.ours.right_edge, window = s.ours.window;  // the client's SYN told
  s.ours = TcpStream(s.d);
  s.ours.window = window;
  s.ours.start(server_isn_ + 1);
  s.ours.right_edge = edge;
  s.ours.scale = s.options.window_scale;
  offered_scale_[index(s.d)] = s.options.has_window_scale;
  stamped_[index(s.d)] = s.options.has_timestamp;
  timestamp_[index(s.d)] = s.options.timestamp;
}

TcpSession::Verdict TcpSession::take_up(Worker& worker, const Segment& s) {
  lenient_ = true;
  ++worker.counters.tcp_midstream;
  ++worker.counters.tcp_sessions;
  s.ours.start(s.packet.tcp_seq);
  s.theirs.start(s.packet.tcp_ack);
  isn_ = (s.to_server() ? s.packet.tcp_seq : s.packet.tcp_ack) - 1;
  server_isn_ = (s.to_server() ? s.packet.tcp_ack : s.packet.tcp_seq) - 1;
  state_ = TcpState::established;
  return Verdict::take;
}

TcpSession::Verdict TcpSession::first_packet(Worker& worker, const Segment& s) {
  const StreamSettings& settings = worker.settings.stream;
  if (s.has(tcp_flag::rst)) {
    worker.event(PacketEvent::stream_rst_but_no_session);
    return Verdict::ignore;
  }
  if (s.has(tcp_flag::fin)) {
    if (settings.midstream && s.has(tcp_flag::ack) && !s.packet.payload.empty()) {
      const Verdict verdict = take_up(worker, s);
      state_ = TcpState::fin_wait1;  // whichever side it was that ended first
      return verdict;
    }
    worker.event(PacketEvent::stream_fin_but_no_session);
    return Verdict::ignore;
  }
  if (s.has(tcp_flag::syn | tcp_flag::ack)) {
    if (!settings.midstream && !settings.async_oneside) return Verdict::ignore;
    lenient_ = true;
    ++worker.counters.tcp_midstream;
    ++worker.counters.tcp_sessions;
    isn_ = s.packet.tcp_ack - 1;
    s.theirs.start(s.packet.tcp_ack);
    s.theirs.right_edge = s.packet.tcp_window;
    server_syn(s);
    state_ = TcpState::syn_recv;
    return Verdict::ignore;
  }
  if (s.has(tcp_flag::syn)) {
    ++worker.counters.tcp_sessions;
    client_syn(worker, s);
    state_ = TcpState::syn_sent;
    return Verdict::ignore;
  }
  if (settings.midstream && s.has(tcp_flag::ack)) return take_up(worker, s);
  return Verdict::ignore;
}

bool TcpSession::acknowledges_syn(Worker& worker, StreamSink& sink, const Segment& s) {
  const std::uint32_t ack = s.packet.tcp_ack;
  if (ack == isn_ + 1) {
    s.theirs.forget(worker);  // what the SYN carried was not taken
    return true;
  }
  const std::int64_t offset = s.theirs.offset_of(ack);
  if (s.theirs.waiting() && offset > 0 && offset <= static_cast<std::int64_t>(s.theirs.highest)) {
    s.theirs.acknowledged(worker, sink, static_cast<std::uint64_t>(offset));
    return true;
  }
  if (syns_ == 0 || ack != other_isn_ + 1) return false;
  const std::uint8_t scale = s.theirs.scale;
  s.theirs = TcpStream(opposite(s.d));
  s.theirs.start(ack);
  s.theirs.scale = scale;
  isn_ = other_isn_;
  return true;
}

// A reset or the like that repeats a time stamp which the client never sent: the client drops it.
bool TcpSession::echoes_nothing(const Segment& s) const {
  return !s.to_server() && !s.has(tcp_flag::syn) && s.options.has_timestamp &&
         s.options.timestamp_echo != 0 && !stamped_[index(Direction::to_server)];
}

// The client has heard of no number of the server's yet, and the server answers its SYN.
TcpSession::Verdict TcpSession::reset_of_syn(Worker& worker, const Segment& s) {
  const std::uint32_t right_ack = s.to_server() ? 0 : isn_ + 1;
  if (s.has(tcp_flag::ack) && s.packet.tcp_ack != right_ack) {
    worker.event(PacketEvent::stream_pkt_invalid_ack);
    worker.event(PacketEvent::stream_rst_invalid_ack);
    return Verdict::ignore;
  }
  const bool right = s.to_server() ? s.packet.tcp_seq - isn_ <= 1 : s.has(tcp_flag::ack);
  return right ? Verdict::take : Verdict::ignore;
}

// Both sides open at once: after the server's SYN the client's second packet acknowledges it, and
// the server's ends the handshake.
void TcpSession::answer_of_both(Worker& worker, const Segment& s) {
  if (!both_open_)
    worker.event(PacketEvent::stream_3whs_synack_in_wrong_direction);
  else if (s.packet.tcp_ack != server_isn_ + 1)
    worker.event(PacketEvent::stream_4whs_synack_with_wrong_ack);
  else if (s.packet.tcp_seq != isn_)
    worker.event(PacketEvent::stream_4whs_synack_with_wrong_syn);
  else
    state_ = TcpState::syn_recv;
}

TcpSession::Verdict TcpSession::end_of_both(Worker& worker, const Segment& s) {
  if (s.packet.tcp_seq != server_isn_ + 1) {
    worker.event(PacketEvent::stream_4whs_wrong_seq);
    return Verdict::ignore;
  }
  if (!valid_ack(worker, s)) {
    worker.event(PacketEvent::stream_4whs_invalid_ack);
    return Verdict::ignore;
  }
  state_ = TcpState::established;
  return Verdict::take;
}

TcpSession::Verdict TcpSession::in_syn_sent(Worker& worker, StreamSink& sink, const Segment& s) {
  if (echoes_nothing(s)) {
    worker.event(PacketEvent::stream_pkt_invalid_timestamp);
    return Verdict::ignore;
  }
  if (s.has(tcp_flag::rst)) return reset_of_syn(worker, s);
  if (s.has(tcp_flag::syn | tcp_flag::ack)) {
    if (s.to_server()) {
      answer_of_both(worker, s);
      return Verdict::ignore;
    }
    if (!acknowledges_syn(worker, sink, s)) {
      worker.event(PacketEvent::stream_3whs_synack_with_wrong_ack);
      return Verdict::ignore;
    }
    server_syn(s);
    s.theirs.window = s.packet.tcp_window;
    s.theirs.right_edge = s.theirs.next() + s.theirs.window;
    state_ = TcpState::syn_recv;
    return Verdict::ignore;
  }
  if (s.has(tcp_flag::syn)) {
    if (!s.to_server()) {
      server_syn(s);
      s.theirs.right_edge = s.theirs.window = s.packet.tcp_window;
      both_open_ = true;
    } else if (s.packet.tcp_seq != isn_) {
      other_isn_ = isn_;
      if (++syns_ > kSynFlood) {
        syns_ = kSynFlood;
        worker.event(PacketEvent::stream_3whs_syn_flood);
      }
      s.ours.forget(worker);
      client_syn(worker, s);
    }
    return Verdict::ignore;
  }
  if (!worker.settings.stream.async_oneside || !s.to_server()) return Verdict::ignore;
  if (s.packet.tcp_seq != isn_ + 1) {
    worker.event(PacketEvent::stream_3whs_async_wrong_seq);
    return Verdict::ignore;
  }
  lenient_ = true;
  s.theirs.start(s.packet.tcp_ack);
  state_ = TcpState::established;
  return Verdict::take;
}

TcpSession::Verdict TcpSession::in_syn_recv(Worker& worker, const Segment& s) {
  if (s.has(tcp_flag::rst)) return Verdict::take;
  if (s.has(tcp_flag::syn | tcp_flag::ack)) {
    if (s.to_server()) {
      worker.event(PacketEvent::stream_3whs_synack_toserver_on_syn_recv);
    } else if (s.packet.tcp_ack != isn_ + 1 && !lenient_) {
      worker.event(PacketEvent::stream_3whs_synack_resend_with_diff_ack);
    } else if (s.packet.tcp_seq != server_isn_) {
      worker.event(PacketEvent::stream_3whs_synack_resend_with_diff_seq);
      other_server_isn_ = s.packet.tcp_seq;
    }
    return Verdict::ignore;
  }
  if (s.has(tcp_flag::syn)) {
    if (!s.to_server())
      worker.event(PacketEvent::stream_3whs_syn_toclient_on_syn_recv);
    else if (s.packet.tcp_seq != isn_)
      worker.event(PacketEvent::stream_3whs_syn_resend_diff_seq_on_syn_recv);
    return Verdict::ignore;
  }
  if (!s.has(tcp_flag::ack)) return Verdict::ignore;
  if (both_open_ && !s.to_server()) return end_of_both(worker, s);
  if (s.to_server() && other_server_isn_ != 0 && s.packet.tcp_ack == other_server_isn_ + 1) {
    server_isn_ = other_server_isn_;
    const std::uint64_t edge = s.theirs.right_edge;
    s.theirs = TcpStream(Direction::to_client);
    s.theirs.start(server_isn_ + 1);
    s.theirs.right_edge = edge;
  }
  // Later packets count as well: the one that finished the handshake may not have been captured.
  const std::int64_t ack = s.theirs.offset_of(s.packet.tcp_ack);
  const std::int64_t seq = s.ours.offset_of(s.packet.tcp_seq);
  if (ack < 0 || (!lenient_ && ack > static_cast<std::int64_t>(
                                         std::max(s.theirs.right_edge, s.theirs.highest)))) {
    worker.event(seq == 0 ? PacketEvent::stream_3whs_right_seq_wrong_ack_evasion
                          : PacketEvent::stream_3whs_wrong_seq_wrong_ack);
    return Verdict::ignore;
  }
  if (seq < 0 || (!lenient_ && seq > static_cast<std::int64_t>(s.ours.right_edge))) {
    worker.event(PacketEvent::stream_3whs_wrong_seq_wrong_ack);
    return Verdict::ignore;
  }
  state_ = TcpState::established;
  return Verdict::take;
}

}  // namespace chieng::collector
