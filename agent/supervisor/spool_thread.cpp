#include "agent/supervisor/spool_thread.h"

#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <optional>

namespace chieng::agent {
namespace {

constexpr std::size_t kGroupBytes = std::size_t{8} << 20;  // below the writer's own bound
constexpr auto kBetweenSyncs = std::chrono::milliseconds(20);
constexpr auto kAfterFailure = std::chrono::milliseconds(500);
constexpr int kStopTries = 20;

}  // namespace

std::size_t SpoolBatch::bytes() const {
  std::size_t out = 0;
  for (const auto& event : events) out += event.second.size() + 256;
  for (const auto& [key, value] : checkpoints) out += key.size() + value.size() + 64;
  return out;
}

SpoolThread::SpoolThread(SpoolWriter writer, UniqueFd acknowledgements)
    : writer_(std::move(writer)),
      acknowledgements_(std::move(acknowledgements)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  publish();
  thread_ = std::thread([this] { work(); });
}

SpoolThread::~SpoolThread() {
  stop();
}

void SpoolThread::submit(SpoolBatch batch) {
  if (batch.events.empty() && batch.checkpoints.empty()) return;
  waiting_bytes_ += batch.bytes();
  (void)queue_.push(std::move(batch));
  (void)eventfd_write(wake_.get(), 1);
}

void SpoolThread::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  (void)eventfd_write(wake_.get(), 1);
  thread_.join();
}

SpoolThreadStats SpoolThread::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

void SpoolThread::publish() {
  SpoolThreadStats next;
  next.spool = writer_.stats();
  next.lost = lost_;
  next.evicted = evicted_;
  next.blocked = queue_.blocked();
  next.problem = problem_;
  const std::lock_guard lock(mutex_);
  stats_ = std::move(next);
}

// False: the group is full; sync, and give the batch again.
bool SpoolThread::take(const SpoolBatch& batch) {
  if (writer_.has_unsynced() && writer_.unsynced_bytes() + batch.bytes() > kGroupBytes)
    return false;
  for (const auto& [envelope, json] : batch.events) {
    if (const auto sequence = writer_.append(envelope, json); !sequence) {
      ++lost_;
      problem_ = sequence.error().message();
      if (lost_ == 1 || lost_ % 1000 == 0)
        spdlog::warn("an event could not be kept ({} so far): {}", lost_, problem_);
    }
  }
  for (const auto& [key, value] : batch.checkpoints)
    if (const Status status = writer_.checkpoint(key, value); !status)
      problem_ = status.error().message();
  return true;
}

void SpoolThread::sync() {
  if (!writer_.has_unsynced()) return;
  if (const Status status = writer_.sync(); !status) {
    if (problem_ != status.error().message())
      spdlog::error(
          "the spool cannot be written: {}; events wait in memory, log lines in their files, until "
          "it can",
          status.error().message());
    problem_ = status.error().message();
    return;
  }
  if (!problem_.empty()) spdlog::info("the spool is written again");
  problem_.clear();
}

void SpoolThread::acknowledge() {
  while (const auto ack = acknowledgements_.receive())
    if (ack->spool == writer_.spool() && ack->epoch == writer_.epoch())
      if (const Status status = writer_.acknowledge(ack->lane, ack->sequence); !status)
        spdlog::warn("an acknowledgement could not be kept: {}", status.error().message());
  for (const SpoolEviction& e : writer_.take_evictions()) {
    evicted_ += e.last - e.first + 1;
    spdlog::warn("the disk bound is reached: events {} to {} of class {} were removed", e.first,
                 e.last, to_string(e.lane));
  }
}

void SpoolThread::wait() {
  std::array<pollfd, 2> fds{{{wake_.get(), POLLIN, 0}, {acknowledgements_.fd(), POLLIN, 0}}};
  (void)poll(fds.data(), acknowledgements_.fd() >= 0 ? 2 : 1, 500);
  eventfd_t count = 0;
  (void)eventfd_read(wake_.get(), &count);
}

void SpoolThread::work() {
  std::optional<SpoolBatch> held;  // taken from the queue, not yet in the group
  int failures = 0;
  while (true) {
    const bool last_round = stopping_;
    bool room = true;
    while (room) {
      if (!held) held = queue_.try_pop();
      if (!held) break;
      room = take(*held);
      if (!room) break;
      waiting_bytes_ -= held->bytes();
      held.reset();
    }
    sync();
    acknowledge();
    publish();
    const bool done = !held && !writer_.has_unsynced() && queue_.size() == 0;
    if (last_round && (done || ++failures > kStopTries)) break;
    if (writer_.has_unsynced())
      std::this_thread::sleep_for(kAfterFailure);
    else if (done && !last_round)
      wait();
    else if (!held)
      std::this_thread::sleep_for(kBetweenSyncs);
  }
}

void SpoolSink::emit(const Envelope& envelope, std::string_view json) {
  if (envelope.event_class == EventClass::metadata && !metadata_) return;
  batch_.events.emplace_back(envelope, json);
}

void SpoolSink::commit() {
  if (batch_.events.empty() && batch_.checkpoints.empty()) return;
  spool_.submit(std::move(batch_));
  batch_ = {};
}

}  // namespace chieng::agent
