// One of the workers of the packets process: a thread with its share of the packets, its own sensor
// and its own way to the spool.
#pragma once

#include <poll.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "agent/pipeline/eve_file.h"
#include "agent/pipeline/network_pipeline.h"
#include "agent/supervisor/spool_thread.h"
#include "collector/capture/live_capture.h"

namespace chieng::agent {

// A worker's part of one interface, as it tells it.
struct SourceState {
  unsigned opening = 0;  // which of the captures that it was given this is about; 0: none yet
  bool open = false;
  collector::CaptureCounters counters;  // of all of them together
  std::string problem;                  // why the last one ended
};

struct WorkerStats {
  collector::SensorCounters sensor;
  EventCounters events;
  std::vector<SourceState> sources;  // by interface
};

// Events go to the spool (metadata only where asked for) and to the file, where there is one.
class WorkerSink final : public EventSink {
 public:
  WorkerSink(SpoolThread& spool, bool metadata, const std::shared_ptr<EveFile>& file);
  void emit(const Envelope& envelope, std::string_view json) override;
  void commit();

 private:
  SpoolSink spool_;
  std::optional<EveFileSink> file_;
};

struct WorkerParts {
  const collector::SensorSettings& sensor;
  const EventOptions& events;
  std::shared_ptr<suricata::SharedState> state;  // of all workers
  SpoolThread& spool;
  bool metadata = false;
  std::shared_ptr<EveFile> file;            // may be null
  std::shared_ptr<EvidenceStore> evidence;  // may be null
  std::size_t evidence_memory = 0;          // of this worker
  std::size_t interfaces = 0;
};

// Made, spoken to and ended by one thread. It looks for what it was told, and tells how it does, a
// few times a second.
class PacketWorker {
 public:
  explicit PacketWorker(const WorkerParts& parts);
  ~PacketWorker();  // as stop()
  PacketWorker(const PacketWorker&) = delete;
  PacketWorker& operator=(const PacketWorker&) = delete;

  // Another capture for the interface; nothing: it is closed.
  void give(std::size_t interface, unsigned opening, std::optional<collector::LiveCapture> capture);
  void use(std::shared_ptr<const suricata::RuleSet> rules, const std::string& hash);
  // Packets are read from now on: the rules are there, or are known not to be.
  void begin() { reading_ = true; }
  // Reads what is there, ends all flows and hands over their events. Several may be asked to before
  // the first is waited for.
  void ask_to_stop() { stopping_ = true; }
  void stop();
  [[nodiscard]] WorkerStats stats() const;

 private:
  struct Source {
    std::optional<collector::LiveCapture> capture;
    collector::CaptureCounters before;  // of captures that were closed
    unsigned opening = 0;
    std::string problem;
  };
  struct Mail {
    struct Capture {
      std::size_t interface;
      unsigned opening;
      std::optional<collector::LiveCapture> capture;
    };
    std::vector<Capture> captures;
    std::shared_ptr<const suricata::RuleSet> rules;
    std::string hash;
  };
  void work();
  void take_mail();
  void close(Source& source, std::string problem);
  [[nodiscard]] static collector::CaptureCounters counters(Source& source);
  std::size_t read(Source& source);
  std::size_t read_all();
  void wait();
  void drain();
  void publish();

  SpoolThread& spool_;
  WorkerSink sink_;
  EventOut out_;
  NetworkPipeline pipeline_;
  std::vector<Source> sources_;
  std::vector<pollfd> waited_;
  std::atomic<bool> reading_{false}, stopping_{false}, has_mail_{false};
  mutable std::mutex mutex_;
  Mail mail_;          // guarded by mutex_
  WorkerStats stats_;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace chieng::agent
