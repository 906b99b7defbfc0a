// Tells listeners in this process that something moved: the API's event stream. A bounded ring: who
// falls behind is told so and reloads. Thread-safe; publishing never waits for a reader.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "core/event/envelope.h"

namespace chieng::server {

enum class ChangeKind : std::uint8_t { group, incident, agent };

struct Change {
  std::uint64_t sequence = 0;  // from 1, grows over the life of the process
  ChangeKind kind = ChangeKind::group;
  std::string id;  // readers fetch it with their own scope; what they may not see they do not get
};

class ChangeFeed {
 public:
  explicit ChangeFeed(std::size_t capacity = 4096) : capacity_(capacity) {}

  void publish(ChangeKind kind, std::string id) { publish(kind, std::span(&id, 1)); }
  void publish(ChangeKind kind, std::span<const std::string> ids);  // wakes once for all
  void close();                                                     // wakes every waiter

  struct Batch {
    std::vector<Change> changes;
    std::uint64_t newest = 0;
    bool missed = false;  // the ring has dropped some that were asked for: reload
    bool closed = false;
  };
  // What came after a sequence number, at once.
  [[nodiscard]] Batch after(std::uint64_t sequence) const;
  // The same, waiting until there is something, the time is over, or close().
  [[nodiscard]] Batch wait(std::uint64_t sequence, std::chrono::milliseconds timeout) const;
  [[nodiscard]] std::uint64_t newest() const;

  // Called after each publish(), on the publisher's thread, outside the lock: only wake somebody
  // (asio::post).
  using Listener = std::function<void()>;
  std::uint64_t subscribe(Listener listener);
  void unsubscribe(std::uint64_t id);  // waits for a running call of any listener

 private:
  Batch collect(std::uint64_t sequence) const;
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  mutable std::condition_variable moved_;
  std::deque<Change> ring_;
  std::uint64_t newest_ = 0;
  bool closed_ = false;
  std::mutex listeners_mutex_;
  std::map<std::uint64_t, Listener> listeners_;
  std::uint64_t next_listener_ = 1;
};

}  // namespace chieng::server
