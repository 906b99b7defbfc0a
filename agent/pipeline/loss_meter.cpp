#include "agent/pipeline/loss_meter.h"

#include <utility>

namespace chieng::agent {
namespace {
constexpr std::int64_t kMinute = 60'000'000;
}

std::uint32_t LossCounts::loss_ppm() const {
  const std::uint64_t came = received + if_dropped;
  if (came == 0) return 0;
  return static_cast<std::uint32_t>(static_cast<double>(lost()) * 1e6 / static_cast<double>(came));
}

void LossMeter::update(Timestamp now, const LossCounts& totals) {
  const Timestamp minute{now.micros - now.micros % kMinute};
  if (minute != minute_) {
    worst_ = worst_minute();
    minute_ = minute;
    minute_base_ = totals_;
  }
  totals_ = totals;
}

LossMinute LossMeter::worst_minute() const {
  const LossCounts running = totals_ - minute_base_;
  return running.lost() > 0 && running.loss_ppm() > worst_.counts.loss_ppm()
             ? LossMinute{minute_, running}
             : worst_;
}

LossCounts LossMeter::take_interval() {
  return totals_ - std::exchange(interval_base_, totals_);
}

}  // namespace chieng::agent
