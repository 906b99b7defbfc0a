#include "collector/flow/tcp_session.h"

#include <algorithm>

namespace chieng::collector {
namespace {

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
  Verdict verdict = is_of_no_use(worker, s) || state_ == TcpState::closed
                        ? Verdict::ignore
                        : handshake(worker, sink, s);
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

void TcpSession::open_window(const Segment& s) {
  s.theirs.window = window_of(s);
  s.theirs.right_edge = std::max(s.theirs.right_edge, s.theirs.acked + s.theirs.window);
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
  if (!s.packet.payload.empty()) worker.event(PacketEvent::stream_rst_with_data);
  if (s.theirs.started() && !lenient_ && !valid_ack(worker, s)) {
    worker.event(PacketEvent::stream_rst_invalid_ack);
    return false;
  }
  if (s.ours.started() && !lenient_) {
    // What follows on the last byte that was sent; anything else a receiver may ignore, and most do
    // (RFC 5961 section 3.2).
    const std::int64_t at = s.seq();
    const auto next = static_cast<std::int64_t>(s.ours.highest);
    if (at != next && !(s.ours.fin && at == static_cast<std::int64_t>(s.ours.fin_at) + 1))
      return false;
  }
  state_ = TcpState::closed;
  return true;
}

void TcpSession::fin(const Segment& s, std::uint64_t at) {
  if (s.ours.fin) return;
  s.ours.fin = true;
  s.ours.fin_at = std::max(at, s.ours.highest);
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
  if ((packet.tcp_flags & relevant) != tcp_flag::syn || state_ < TcpState::time_wait) return false;
  return d == Direction::to_client || packet.tcp_seq != isn_;
}

void TcpSession::flush(Worker& worker, StreamSink& sink) {
  for (TcpStream& stream : streams_) stream.flush(worker, sink);
}

void TcpSession::forget(Worker& worker) {
  for (TcpStream& stream : streams_) stream.forget(worker);
}

}  // namespace chieng::collector
