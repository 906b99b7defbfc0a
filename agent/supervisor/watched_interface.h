// An interface that the workers of the packets process listen on together: opened for all of them,
// closed where one of them loses it, opened again later; with what was lost on it.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/pipeline/loss_meter.h"
#include "agent/supervisor/packet_worker.h"
#include "collector/capture/interface_counters.h"

namespace chieng::agent {

// Used by the thread that made the workers.
class WatchedInterface {
 public:
  using Workers = std::span<const std::unique_ptr<PacketWorker>>;
  static constexpr auto kReopen = std::chrono::seconds(5);

  // number: the interface's place in the workers' lists.
  WatchedInterface(collector::LiveCaptureSettings settings, std::size_t number)
      : settings_(std::move(settings)), number_(number) {}

  // Opens it where it is closed and the time has come.
  void open(Workers workers);
  // Takes in what the workers tell; closes it for all where one of them lost it.
  void look(Workers workers, std::span<const WorkerStats> stats);

  [[nodiscard]] const std::string& name() const { return settings_.interface; }
  [[nodiscard]] bool is_open() const { return open_; }
  [[nodiscard]] const std::string& problem() const { return problem_; }
  [[nodiscard]] LossMeter& losses() { return losses_; }
  [[nodiscard]] const std::optional<collector::InterfaceCounters>& kernel() const {
    return kernel_;
  }

 private:
  using Clock = std::chrono::steady_clock;
  void failed(const std::string& problem);
  void count(std::span<const WorkerStats> stats);

  collector::LiveCaptureSettings settings_;
  std::size_t number_;
  unsigned opening_ = 0;
  bool open_ = false;
  std::string problem_;
  Clock::time_point retry_{};
  std::optional<collector::InterfaceCounters> kernel_;  // as last read
  std::uint64_t if_dropped_ = 0;                        // since the first opening
  LossMeter losses_;
};

}  // namespace chieng::agent
