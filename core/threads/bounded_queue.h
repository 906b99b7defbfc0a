// A bounded queue between threads. When full, push() waits and the wait is counted; try_push()
// refuses.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>

namespace chieng {

template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  // False: the queue is closed; the value is lost.
  bool push(T value) {
    std::unique_lock lock(mutex_);
    if (items_.size() >= capacity_) ++blocked_;
    space_.wait(lock, [&] { return closed_ || items_.size() < capacity_; });
    if (closed_) return false;
    items_.push_back(std::move(value));
    ready_.notify_one();
    return true;
  }
  bool try_push(T value) {
    const std::lock_guard lock(mutex_);
    if (closed_ || items_.size() >= capacity_) return false;
    items_.push_back(std::move(value));
    ready_.notify_one();
    return true;
  }
  // Waits for an item; nothing once the queue is closed and empty.
  std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [&] { return closed_ || !items_.empty(); });
    return take();
  }
  std::optional<T> try_pop() {
    const std::lock_guard lock(mutex_);
    return take();
  }
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    ready_.notify_all();
    space_.notify_all();
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return items_.size();
  }
  [[nodiscard]] std::uint64_t blocked() const {  // how often push() had to wait
    const std::lock_guard lock(mutex_);
    return blocked_;
  }

 private:
  std::optional<T> take() {
    if (items_.empty()) return std::nullopt;
    std::optional<T> out(std::move(items_.front()));
    items_.pop_front();
    space_.notify_one();
    return out;
  }
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable ready_, space_;
  std::deque<T> items_;
  std::uint64_t blocked_ = 0;
  bool closed_ = false;
};

}  // namespace chieng
