// Keeps groups and incidents up with the stored events: one thread reads events after the
// projection's position and writes what follows from them, position included. What it had not
// written when the process died is done again. Bound: kRead events and kBatch hits in memory.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "server/store/store.h"

namespace chieng::server {

class Correlator {
 public:
  // Events one transaction takes: the more, the more of them fall into groups already in hand.
  static constexpr std::size_t kBatch = 4000, kRead = 100;

  explicit Correlator(Store& store) : store_(store) {}
  ~Correlator() { stop(); }
  Correlator(const Correlator&) = delete;
  Correlator& operator=(const Correlator&) = delete;

  void start();
  void stop();  // after the batch in hand
  void wake();  // events were stored; any thread

  // One batch; how many events it took. Also for tests and for commands, without the thread.
  [[nodiscard]] static Result<std::size_t> step(Store& store);

 private:
  void follow();

  Store& store_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool pending_ = true, stopping_ = false;
};

}  // namespace chieng::server
