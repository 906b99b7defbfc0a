// Between the listener and the store. One writer thread takes what the listener handed over, stores
// as many batches as are waiting in one commit, and answers each only afterwards. A full disk means
// no answer but "again": the agents keep what they have. Signs of life are gathered and written
// every two seconds. Bounds: kQueue batches (the listener bounds their bytes), kCommitEvents events
// a commit.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "core/threads/bounded_queue.h"
#include "server/store/store.h"
#include "transport/listener/ingest.h"

namespace chieng::server {

class Ingest final : public IngestHandler {
 public:
  static constexpr std::size_t kQueue = 4096, kCommitEvents = 4000;

  struct Hooks {
    std::function<void()> stored;  // events were committed; on the writer's thread
    std::function<void(const std::string&)>
        broken;  // the files cannot be trusted any more: end the process
  };
  Ingest(Store& store, Hooks hooks);
  ~Ingest() override { stop(); }

  void start();
  void stop();  // stores and answers what was taken

  std::uint64_t committed(const StreamId& stream) override;
  bool submit(Batch batch, const BatchDoneSink& done) override;
  void on_beat(const AgentBeat& beat) override;
  void on_up(const AgentUp& agent) override;
  void on_down(const Uuid& agent, AgentDownReason reason) override;
  void on_clone(const Uuid& agent) override;

  [[nodiscard]] Status flush_beats();  // called by housekeeping
  [[nodiscard]] bool disk_full() const { return disk_full_; }

 private:
  struct Job {
    AgentBatch batch;
    BatchDone answer;
    BatchDoneSink done;
  };
  void write();
  void store(std::vector<Job>& jobs);
  void refuse(std::vector<Job>& jobs, const Error& error);

  Store& store_;
  const Hooks hooks_;
  BoundedQueue<Job> queue_{kQueue};
  std::thread thread_;
  std::atomic<bool> disk_full_ = false, stopping_ = false;
  std::mutex beats_mutex_;
  std::map<Uuid, Beat> beats_;
};

// Members that are absent or of another type stay unset.
[[nodiscard]] AgentFacts facts_of_beat(std::string_view json);

}  // namespace chieng::server
