// The producer's way into its spool: a queue, and the one thread that writes, syncs and takes
// acknowledgements.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/event/sink.h"
#include "core/threads/bounded_queue.h"
#include "transport/spool/ack_channel.h"
#include "transport/spool/writer.h"

namespace chieng::agent {

// Events that become durable together, with the checkpoints of what they were made from.
struct SpoolBatch {
  std::vector<std::pair<Envelope, std::string>> events;
  std::vector<std::pair<std::string, std::string>> checkpoints;
  [[nodiscard]] std::size_t bytes() const;
};

struct SpoolThreadStats {
  SpoolStats spool;
  std::uint64_t lost = 0;     // refused at the disk bound
  std::uint64_t evicted = 0;  // older ones that went to make room
  std::uint64_t blocked = 0;  // how often the producer had to wait for the disk
  std::string problem;        // of the last sync; empty when it worked
};

// submit(), stats() and full() by any thread. The queue holds kQueue batches: when
// it is full, submit() waits and the wait is counted, so a slow disk slows the producer down and
// the loss shows where it happens. A producer that asks full() before it reads on never waits for
// long.
class SpoolThread {
 public:
  static constexpr std::size_t kQueue = 4096;
  static constexpr std::size_t kQueueBytes = std::size_t{32} << 20;

  SpoolThread(SpoolWriter writer, UniqueFd acknowledgements);
  ~SpoolThread();  // as stop()
  SpoolThread(const SpoolThread&) = delete;
  SpoolThread& operator=(const SpoolThread&) = delete;

  void submit(SpoolBatch batch);
  // What waits for the disk has reached its bound: nothing more should be read now.
  [[nodiscard]] bool full() const {
    return waiting_bytes_ >= kQueueBytes || queue_.size() >= kQueue / 2;
  }
  // Writes and syncs all that was submitted, then ends the thread. Tries a failing disk for some
  // seconds.
  void stop();
  [[nodiscard]] SpoolThreadStats stats() const;

 private:
  void work();
  [[nodiscard]] bool take(const SpoolBatch& batch);
  void sync();
  void acknowledge();
  void wait();
  void publish();

  SpoolWriter writer_;
  AckReceiver acknowledgements_;
  BoundedQueue<SpoolBatch> queue_{kQueue};
  UniqueFd wake_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::size_t> waiting_bytes_{0};  // of the batches submitted and not yet in a group
  std::uint64_t lost_ = 0, evicted_ = 0;
  std::string problem_;
  mutable std::mutex mutex_;
  SpoolThreadStats stats_;  // guarded by mutex_
  std::thread thread_;
};

// Collects a producer's events into batches. Used by the producer's thread alone.
class SpoolSink final : public EventSink {
 public:
  // metadata: whether events of that class are kept at all.
  SpoolSink(SpoolThread& spool, bool metadata) : spool_(spool), metadata_(metadata) {}
  void emit(const Envelope& envelope, std::string_view json) override;
  void checkpoint(std::string key, std::string value) {
    batch_.checkpoints.emplace_back(std::move(key), std::move(value));
  }
  // Hands over what came since the last call, as one unit.
  void commit();
  [[nodiscard]] bool has_events() const { return !batch_.events.empty(); }

 private:
  SpoolThread& spool_;
  bool metadata_;
  SpoolBatch batch_;
};

}  // namespace chieng::agent
