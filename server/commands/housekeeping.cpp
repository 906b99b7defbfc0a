#include "server/commands/housekeeping.h"

#include <spdlog/spdlog.h>

namespace chieng::server {

void Housekeeping::start() {
  thread_ = std::thread([this] { keep(); });
}

void Housekeeping::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_all();
  if (!thread_.joinable()) return;
  thread_.join();
  report("signs of life", ingest_.flush_beats());
}

void Housekeeping::report(const char* what, const Status& status) {
  if (!status && !failing_) spdlog::error("{}: {}", what, status.error().message());
  failing_ = !status;
}

void Housekeeping::keep() {
  // Agents get as long to come back to a server that was away as a silence lasts: they were not the
  // ones who were gone.
  std::int64_t quiet = kSilentAfterMicros / 2'000'000;
  for (std::int64_t round = 0;; ++round) {
    {
      std::unique_lock lock(mutex_);
      if (woken_.wait_for(lock, std::chrono::seconds(2), [&] { return stopping_; })) return;
    }
    report("signs of life", ingest_.flush_beats());
    if (--quiet < 0 && round % 5 == 0) {
      const auto silent = store_.note_silences(now());
      if (!silent)
        report("silences", std::unexpected(silent.error()));
      else
        for (const Uuid& agent : *silent) spdlog::warn("agent {} is silent", to_string(agent));
    }
    if (round % 1800 == 5)
      report("old events", store_.drop_events_before(
                               static_cast<std::int32_t>(now().seconds() / 86400 - event_days_)));
  }
}

}  // namespace chieng::server
