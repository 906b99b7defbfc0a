#include "agent/supervisor/watched_interface.h"

#include <spdlog/spdlog.h>

namespace chieng::agent {

void WatchedInterface::failed(const std::string& problem) {
  if (problem_ != problem)
    spdlog::error("cannot listen on {}: {}; trying again every {} s", name(), problem,
                  kReopen.count());
  problem_ = problem;
  open_ = false;
  retry_ = Clock::now() + kReopen;
}

void WatchedInterface::open(Workers workers) {
  if (open_ || Clock::now() < retry_) return;
  auto captures =
      collector::LiveCapture::open_shared(settings_, static_cast<unsigned>(workers.size()));
  if (!captures) return failed(captures.error().message());
  ++opening_;
  open_ = true;
  problem_.clear();
  if (!kernel_) kernel_ = collector::interface_counters(name());
  // An interface that cannot be shared is one worker's: of several such, each another one's.
  const std::size_t first = captures->size() == workers.size() ? 0 : number_;
  for (std::size_t i = 0; i < captures->size(); ++i)
    workers[(first + i) % workers.size()]->give(number_, opening_, std::move((*captures)[i]));
  spdlog::info("listening on {} with {} worker{}", name(), captures->size(),
               captures->size() == 1 ? "" : "s");
}

void WatchedInterface::look(Workers workers, std::span<const WorkerStats> stats) {
  count(stats);
  if (!open_) return;
  for (const WorkerStats& worker : stats) {
    const SourceState& source = worker.sources[number_];
    if (source.opening != opening_ || source.open || source.problem.empty()) continue;
    for (const auto& w : workers) w->give(number_, opening_, std::nullopt);
    return failed(source.problem);
  }
}

void WatchedInterface::count(std::span<const WorkerStats> stats) {
  LossCounts totals;
  for (const WorkerStats& worker : stats) {
    const SourceState& source = worker.sources[number_];
    totals.received += source.counters.received;
    totals.dropped += source.counters.dropped;
  }
  if (opening_ > 0)
    if (const auto next = collector::interface_counters(name())) {
      // An interface that was made anew counts from zero.
      if (kernel_ && next->dropped > kernel_->dropped)
        if_dropped_ += next->dropped - kernel_->dropped;
      kernel_ = next;
    }
  totals.if_dropped = if_dropped_;
  losses_.update(now(), totals);
}

}  // namespace chieng::agent
