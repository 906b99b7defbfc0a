#include "server/store/change_feed.h"

#include <utility>

namespace chieng::server {

void ChangeFeed::publish(ChangeKind kind, std::span<const std::string> ids) {
  {
    const std::lock_guard lock(mutex_);
    for (const std::string& id : ids) {
      ring_.push_back({++newest_, kind, id});
      if (ring_.size() > capacity_) ring_.pop_front();
    }
  }
  moved_.notify_all();
  const std::lock_guard lock(listeners_mutex_);
  for (const auto& [key, listener] : listeners_) listener();
}

void ChangeFeed::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  moved_.notify_all();
}

ChangeFeed::Batch ChangeFeed::collect(std::uint64_t sequence) const {
  Batch out;
  out.newest = newest_;
  out.closed = closed_;
  // a number from the future is one of an earlier process
  const std::uint64_t oldest = ring_.empty() ? newest_ + 1 : ring_.front().sequence;
  out.missed = sequence > newest_ || sequence + 1 < oldest;
  for (const Change& change : ring_)
    if (out.missed || change.sequence > sequence) out.changes.push_back(change);
  return out;
}

ChangeFeed::Batch ChangeFeed::after(std::uint64_t sequence) const {
  const std::lock_guard lock(mutex_);
  return collect(sequence);
}

ChangeFeed::Batch ChangeFeed::wait(std::uint64_t sequence,
                                   std::chrono::milliseconds timeout) const {
  std::unique_lock lock(mutex_);
  moved_.wait_for(lock, timeout, [&] { return closed_ || newest_ != sequence; });
  return collect(sequence);
}

std::uint64_t ChangeFeed::newest() const {
  const std::lock_guard lock(mutex_);
  return newest_;
}

std::uint64_t ChangeFeed::subscribe(Listener listener) {
  const std::lock_guard lock(listeners_mutex_);
  listeners_.emplace(next_listener_, std::move(listener));
  return next_listener_++;
}

void ChangeFeed::unsubscribe(std::uint64_t id) {
  const std::lock_guard lock(listeners_mutex_);
  listeners_.erase(id);
}

}  // namespace chieng::server
