// The state of a TCP connection: decides which packets count, and feeds both streams.
#pragma once

#include <array>
#include <string_view>

#include "collector/flow/raw_window.h"
#include "collector/flow/tcp_stream.h"
#include "core/inspect/flow.h"

namespace chieng::collector {

enum class TcpState : std::uint8_t {
  none,
  syn_sent,
  syn_recv,
  established,
  fin_wait1,
  fin_wait2,
  time_wait,
  last_ack,
  close_wait,
  closing,
  closed
};
[[nodiscard]] std::string_view to_string(TcpState s);

// Lives with its flow. Memory: see TcpStream and RawWindow.
class TcpSession : public Pooled {
 public:
  struct Outcome {
    bool in_stream = false;  // the payload is part of the stream
    bool reset = false;      // both directions are over
  };
  // packet travels in direction d of flow.
  Outcome packet(Worker& worker, FlowView& flow, StreamSink& sink, const Decoded& decoded,
                 Direction d);
  // Whether this SYN begins another connection on the same addresses.
  [[nodiscard]] bool is_reused_by(const PacketView& packet, Direction d) const;
  void flush(Worker& worker, StreamSink& sink);
  void forget(Worker& worker);

  // The connection is over, as somebody saw who did not hand on its packets.
  void close() { state_ = TcpState::closed; }

  [[nodiscard]] TcpState state() const { return state_; }
  // All data of the direction was handed on and its sender is done.
  [[nodiscard]] bool is_over(Direction d) const {
    const TcpStream& s = streams_[index(d)];
    return state_ == TcpState::closed || (s.fin && s.next() >= s.fin_at);
  }
  [[nodiscard]] const TcpStream& stream(Direction d) const { return streams_[index(d)]; }

  std::array<RawWindow, 2> raw;

 private:
  enum class Verdict : std::uint8_t { take, ignore };
  struct Segment {  // a packet as the streams see it
    const PacketView& packet;
    const TcpOptions& options;
    Direction d;
    TcpStream &ours, &theirs;
    [[nodiscard]] bool has(std::uint8_t flags) const { return (packet.tcp_flags & flags) == flags; }
    [[nodiscard]] bool to_server() const { return d == Direction::to_server; }
    // Offsets in the streams.
    [[nodiscard]] std::int64_t seq() const { return ours.offset_of(packet.tcp_seq); }
    [[nodiscard]] std::int64_t end() const { return seq() + std::ssize(packet.payload); }
    [[nodiscard]] std::int64_t ack() const { return theirs.offset_of(packet.tcp_ack); }
  };
  // tcp_handshake.cpp: until the connection is established
  Verdict handshake(Worker& worker, StreamSink& sink, const Segment& s);
  Verdict first_packet(Worker& worker, const Segment& s);
  Verdict in_syn_sent(Worker& worker, StreamSink& sink, const Segment& s);
  Verdict in_syn_recv(Worker& worker, const Segment& s);
  Verdict reset_of_syn(Worker& worker, const Segment& s);
  void answer_of_both(Worker& worker, const Segment& s);
  Verdict end_of_both(Worker& worker, const Segment& s);
  void client_syn(Worker& worker, const Segment& s);
  void server_syn(const Segment& s);
  Verdict take_up(Worker& worker, const Segment& s);
  [[nodiscard]] bool echoes_nothing(const Segment& s) const;
  [[nodiscard]] bool acknowledges_syn(Worker& worker, StreamSink& sink, const Segment& s);
  // tcp_checks.cpp: whether a packet of a connection counts
  [[nodiscard]] bool is_of_no_use(Worker& worker, const Segment& s);
  Verdict check(Worker& worker, const Segment& s);
  Verdict in_established(Worker& worker, const Segment& s);
  Verdict syn_in_established(Worker& worker, const Segment& s);
  Verdict fin_in_established(Worker& worker, const Segment& s);
  Verdict in_closing(Worker& worker, const Segment& s);
  Verdict in_close_wait(Worker& worker, const Segment& s);
  Verdict at_the_end(Worker& worker, const Segment& s, PacketEvent wrong_seq,
                     PacketEvent invalid_ack) const;
  Verdict after_fin(Worker& worker, const Segment& s);
  [[nodiscard]] bool valid_ack(Worker& worker, const Segment& s) const;
  [[nodiscard]] bool follows(const Segment& s) const;
  [[nodiscard]] static bool is_repeated(const Segment& s);
  [[nodiscard]] bool is_window_update(const Segment& s) const;
  [[nodiscard]] bool is_bad_window_update(const Segment& s) const;
  [[nodiscard]] bool is_keep_alive(const Segment& s);
  [[nodiscard]] std::uint64_t window_of(const Segment& s) const;
  [[nodiscard]] std::int64_t window_end(const TcpStream& stream) const;
  [[nodiscard]] bool old_timestamp(const Segment& s);
  // tcp_session.cpp
  void acknowledge(Worker& worker, StreamSink& sink, const Segment& s);
  void open_window(const Segment& s);
  bool reset(Worker& worker, const Segment& s);
  void fin(const Segment& s, std::uint64_t at);
  void fin_acknowledged();
  void publish(FlowView& flow) const;

  TcpState state_ = TcpState::none;
  bool lenient_ = false;  // taken up without a handshake: windows and starts are guesses
  std::array<bool, 2> offered_scale_{}, stamped_{};  // window scaling, timestamps in the SYN
  std::uint32_t isn_ = 0,
                other_isn_ = 0;  // of the client; the second: of an earlier SYN with another number
  std::uint32_t server_isn_ = 0, other_server_isn_ = 0;
  std::uint8_t syns_ = 0;             // with different numbers
  bool both_open_ = false;            // the server sent a SYN of its own
  bool confirmed_ = false;            // the handshake was acknowledged by what followed
  std::array<bool, 2> kept_alive_{};  // by its last packet
  std::array<std::uint32_t, 2> timestamp_{};
  std::array<TcpStream, 2> streams_{TcpStream(Direction::to_server),
                                    TcpStream(Direction::to_client)};
};

}  // namespace chieng::collector
