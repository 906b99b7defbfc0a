// What has to happen by the clock: signs of life to the store every two seconds, silences every
// ten, old days away every hour. One thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "server/ingest/ingest.h"

namespace chieng::server {

class Housekeeping {
 public:
  Housekeeping(Store& store, Ingest& ingest, std::int64_t event_days)
      : store_(store), ingest_(ingest), event_days_(event_days) {}
  ~Housekeeping() { stop(); }
  void start();
  void stop();  // after the last signs of life are written

 private:
  void keep();
  void report(const char* what, const Status& status);

  Store& store_;
  Ingest& ingest_;
  const std::int64_t event_days_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool stopping_ = false, failing_ = false;
};

}  // namespace chieng::server
