// One connection to the server, from connect to its end: a fresh DEALER each time, so that nothing
// of an older session is ever in its queues. Internal to this folder; lives on the client's thread.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "transport/client/client.h"
#include "transport/client/lane_stream.h"
#include "transport/message/frame.h"
#include "transport/message/messages.h"
#include "transport/socket/socket.h"
#include "transport/spool/reader.h"

namespace chieng {

struct OpenSpool {  // of the client; the reader stays open over sessions
  ClientSpool* settings = nullptr;
  std::optional<SpoolReader> reader;
};

struct SessionEnd {
  enum class Kind : std::uint8_t { stopped, again, trouble, refused } kind = Kind::trouble;
  bool was_welcome = false;
  std::string why;
};

class ClientSession {
 public:
  using Clock = std::chrono::steady_clock;
  // The references must outlive the object. changed is called after each change of status.
  ClientSession(zmq::context_t& context, const ClientSettings& settings,
                std::vector<OpenSpool*> spools, const Uuid& boot, ClientStatus& status,
                std::function<void()> changed);
  // Until stop, trouble, or until another_spool says that HELLO has to be said anew.
  [[nodiscard]] SessionEnd run(const std::atomic<bool>& stop,
                               const std::function<bool()>& another_spool);

 private:
  void say_hello();
  void wait(bool busy);
  void look_at_connection();
  void receive();
  void on_frame(const Frame& frame);
  void on_welcome(const Frame& frame);
  void on_ack(const Frame& frame);
  void on_nack(const Frame& frame);
  void on_beat(const Frame& frame);
  void on_error(const Frame& frame);
  void beat();
  void tell_writers();
  [[nodiscard]] bool send_something();
  [[nodiscard]] bool send_from(LaneStream& stream);
  [[nodiscard]] bool put(Frame frame, LaneStream* stream, std::uint64_t last, std::uint64_t records,
                         bool pack);
  [[nodiscard]] LaneStream* stream_of(const Frame& frame);
  void check_rollback();
  void end(SessionEnd::Kind kind, std::string why);
  void publish();

  const ClientSettings& settings_;
  std::vector<OpenSpool*> spools_;
  const Uuid boot_;
  ClientStatus& status_;
  std::function<void()> changed_;
  zmq::socket_t socket_;
  ConnectionMonitor monitor_;

  std::vector<LaneStream> streams_;  // by lane, then spool: the order of sending
  std::size_t turn_ = 0;             // whose turn it is among the spools of a lane
  std::string waiting_frame_;        // the socket's queue was full
  std::uint64_t session_ = 0;
  bool welcome_ = false, connected_ = false;
  Clock::time_point started_, heard_, next_beat_, next_publish_;
  std::optional<SessionEnd> end_;
};

}  // namespace chieng
