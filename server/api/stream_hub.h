// Live messages for the console: one thread follows the change feed and fills the queue of every
// client with what its scope may see. Bounded: clients, bytes waiting for each, changes in the
// feed's ring; who falls behind is told to resync. Message ids are "EPOCH-SEQUENCE", EPOCH being
// this process, so that an id from before a restart means resync.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "server/api/stream_queue.h"
#include "server/auth/authenticator.h"
#include "server/store/change_feed.h"

namespace chieng::server {

struct StreamLimits {
  std::size_t clients = 200;
  std::size_t queue_bytes = 1024 * 1024;
};

class StreamHub {
 public:
  StreamHub(Store& store, ChangeFeed& feed, Authenticator& authenticator, StreamLimits limits = {});
  ~StreamHub();
  StreamHub(const StreamHub&) = delete;
  StreamHub& operator=(const StreamHub&) = delete;

  void start();
  void stop();  // ends every stream
  // A new client, with "hello" already in its queue. last_event_id: empty on a first connection.
  // limit: too many.
  [[nodiscard]] Result<std::shared_ptr<StreamQueue>> join(const Identity& who,
                                                          std::string_view last_event_id);
  void leave(std::string_view session);  // a session died: its streams end now
  [[nodiscard]] std::size_t clients() const;

 private:
  struct Client {
    Identity who;
    std::shared_ptr<StreamQueue> queue;
    std::uint64_t position = 0;  // changes up to here are sent
  };
  class Round;
  void follow();
  void serve(Round& round, Client& client);
  void resync(Client& client, std::uint64_t position) const;
  void drop_dead();
  [[nodiscard]] std::vector<std::shared_ptr<Client>> snapshot() const;
  [[nodiscard]] std::string hello(std::uint64_t position, bool resync) const;
  [[nodiscard]] std::string message_id(std::uint64_t sequence) const;

  Store& store_;
  ChangeFeed& feed_;
  Authenticator& authenticator_;
  const StreamLimits limits_;
  const std::string epoch_;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<Client>> clients_;
  std::thread thread_;
};

}  // namespace chieng::server
