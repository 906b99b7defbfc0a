// What the listener's thread owns and does. Internal to this folder.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "core/file/file.h"
#include "transport/listener/listener.h"
#include "transport/listener/stream.h"
#include "transport/message/frame.h"
#include "transport/message/messages.h"
#include "transport/socket/socket.h"

namespace chieng {

// Answers of the store on their way to the listener's thread. Shared with the sinks, which may
// outlive the listener.
class DoneInbox {
 public:
  DoneInbox();
  void put(const BatchDone& done);
  void wake();
  [[nodiscard]] std::vector<BatchDone> take();
  [[nodiscard]] int fd() const { return event_.get(); }

 private:
  UniqueFd event_;
  std::mutex mutex_;
  std::vector<BatchDone> items_;
};

class ListenerThread {
 public:
  ListenerThread(ListenerSettings settings, KeyDirectory& directory, IngestHandler& handler);
  ~ListenerThread();

  [[nodiscard]] Status open();  // on the caller's thread, before run()
  void run();
  void ask_to_stop();  // any thread
  [[nodiscard]] std::vector<std::string> endpoints() const { return endpoints_; }
  [[nodiscard]] ListenerStats stats() const;  // any thread

 private:
  using Clock = IngestStream::Clock;
  struct Session {
    std::string route;
    PublicKey key;
    KnownAgent agent;
    std::uint64_t number = 0;
    std::vector<HelloSpool> spools;
    Clock::time_point heard;
    bool clock_measured = false;
    std::int64_t clock_offset_us = 0;
  };
  struct Boots {  // of an agent, to see two machines with one key
    Uuid before, last;
  };

  void read_frames();
  void on_message(const std::string& route, zmq::message_t& payload);
  void on_frame(Session& session, Frame& frame, std::size_t wire_bytes);
  void on_hello(const std::string& route, const PublicKey& key, const KnownAgent& agent,
                const Frame& frame, const std::string& address);
  void accept(Session session, const Hello& hello, const std::string& address);
  void watch_boots(const Uuid& agent, const Uuid& boot);
  void on_data(Session& session, const Frame& frame, std::size_t wire_bytes);
  void on_gap(Session& session, const Frame& frame, std::size_t wire_bytes);
  void on_beat(Session& session, const Frame& frame);
  void take_batch(Session& session, const Frame& frame, Batch batch);
  // nullptr: the frame names a stream that HELLO did not.
  [[nodiscard]] IngestStream* stream_of(const Session& session, const Frame& frame, StreamId& id);

  void take_done();
  void tick();
  void check_keys();
  void acknowledge(const StreamId& id, bool nack);
  [[nodiscard]] std::uint32_t credit(const IngestStream& stream) const;

  bool send(const std::string& route, const Frame& frame);
  void refuse(const std::string& route, SessionError code, std::string_view text);
  void protocol_error(const std::string& route, const PublicKey& key, std::string_view what);
  void end_session(const std::string& route, AgentDownReason reason);
  void publish_stats();

  const ListenerSettings settings_;
  KeyDirectory& directory_;
  IngestHandler& handler_;
  std::shared_ptr<const KeySnapshot> keys_;
  std::shared_ptr<DoneInbox> inbox_;
  BatchDoneSink sink_;
  std::atomic<bool> stopping_{false};
  std::vector<std::string> endpoints_;

  zmq::context_t context_;
  std::optional<ZapHandler> zap_;
  zmq::socket_t router_;

  std::unordered_map<std::string, Session> sessions_;  // by route
  std::map<Uuid, std::string> routes_;                 // agent -> route of its session
  std::map<StreamId, IngestStream> streams_;
  std::map<Uuid, Boots> boots_;
  std::map<PublicKey, Clock::time_point> penalties_;
  std::uint64_t last_session_ = 0;
  std::uint64_t bytes_waiting_ = 0;
  ListenerStats stats_;

  mutable std::mutex published_mutex_;
  ListenerStats published_;
};

}  // namespace chieng
