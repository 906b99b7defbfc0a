#include "server/correlate/correlator.h"

#include <spdlog/spdlog.h>

#include "server/correlate/grouping.h"
#include "server/store/system_access.h"

namespace chieng::server {

Result<std::size_t> Correlator::step(Store& store) {
  ProjectionBatch batch;
  CHIENG_TRY(batch.from, store.applied());
  batch.to = batch.from;
  std::size_t taken = 0;
  for (bool more = true; more && taken < kBatch;) {
    CHIENG_TRY(const auto events, store.events_after(Scope::all(system_access()), batch.to, kRead));
    for (const StoredEvent& event : events)
      if (auto hit = group_hit(event)) batch.hits.push_back(std::move(*hit));
    taken += events.size();
    more = events.size() == kRead;
    if (!events.empty()) batch.to = events.back().ref;
  }
  if (taken == 0) return 0;
  CHIENG_TRY(const auto moved, store.apply(batch));
  return taken;
}

void Correlator::start() {
  stopping_ = false;
  thread_ = std::thread([this] { follow(); });
}

void Correlator::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Correlator::wake() {
  {
    const std::lock_guard lock(mutex_);
    pending_ = true;
  }
  woken_.notify_one();
}

void Correlator::follow() {
  bool failed = false;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      // after a failure (a full disk) it tries again by itself
      woken_.wait_for(lock, std::chrono::seconds(failed ? 2 : 3600),
                      [&] { return stopping_ || (pending_ && !failed); });
      if (stopping_) return;
      pending_ = false;
    }
    for (bool more = true; more;) {
      const auto done = step(store_);
      if (!done && !failed) spdlog::error("groups stand still: {}", done.error().message());
      if (done && failed) spdlog::info("groups move on");
      failed = !done;
      more = done && *done == kBatch;
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
    }
  }
}

}  // namespace chieng::server
