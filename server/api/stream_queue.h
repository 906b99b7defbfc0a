// The bounded queue between whoever publishes live messages and one connection that writes them.
// Any thread may push; the connection takes. When a slow client lets it fill, the queue closes
// itself: the client reconnects and resyncs.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace chieng::server {

class StreamQueue {
 public:
  explicit StreamQueue(std::size_t max_bytes) : max_bytes_(max_bytes) {}
  StreamQueue(const StreamQueue&) = delete;
  StreamQueue& operator=(const StreamQueue&) = delete;

  // False: closed, now or before; the message is lost.
  bool push(std::string_view message);
  // Everything waiting, joined; empty where nothing is.
  [[nodiscard]] std::string take();
  void close();
  [[nodiscard]] bool ended() const;    // nothing more will be taken in
  [[nodiscard]] bool drained() const;  // ended, and all was taken
  // Called from the pushing thread whenever there is something to take or the queue closed; must
  // not block.
  void on_ready(std::function<void()> wake);

 private:
  const std::size_t max_bytes_;
  mutable std::mutex mutex_;
  std::string waiting_;
  std::function<void()> wake_;
  bool closed_ = false;
};

}  // namespace chieng::server
