#include "server/api/stream_queue.h"

#include <utility>

namespace chieng::server {

bool StreamQueue::push(std::string_view message) {
  std::function<void()> wake;
  bool accepted = false;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return false;
    if (waiting_.size() + message.size() > max_bytes_) {
      // What waits is dropped too: the client has to reload anyway, and the memory is wanted back.
      closed_ = true;
      waiting_ = "event: resync\ndata: {\"reason\":\"slow\"}\n\n";
    } else {
      waiting_.append(message);
      accepted = true;
    }
    wake = wake_;
  }
  if (wake) wake();
  return accepted;
}

std::string StreamQueue::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(waiting_, {});
}

void StreamQueue::close() {
  std::function<void()> wake;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    wake = wake_;
  }
  if (wake) wake();
}

bool StreamQueue::ended() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

bool StreamQueue::drained() const {
  const std::lock_guard lock(mutex_);
  return closed_ && waiting_.empty();
}

void StreamQueue::on_ready(std::function<void()> wake) {
  std::function<void()> first;
  {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
    if (closed_ || !waiting_.empty()) first = wake_;
  }
  if (first) first();
}

}  // namespace chieng::server
