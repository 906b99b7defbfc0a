#include <sched.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <future>

#include "agent/events/health_writer.h"
#include "agent/pipeline/catalogue.h"
#include "agent/pipeline/rule_loading.h"
#include "agent/settings.h"
#include "agent/supervisor/child.h"
#include "agent/supervisor/packet_worker.h"
#include "agent/supervisor/paths.h"
#include "agent/supervisor/spool_thread.h"
#include "agent/supervisor/watched_interface.h"

namespace chieng::agent {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kTick = std::chrono::milliseconds(100);

unsigned worker_count(const Settings& settings) {
  if (const auto wish = settings.integer("capture.workers"); wish > 0)
    return static_cast<unsigned>(wish);
  cpu_set_t usable;
  const int found = sched_getaffinity(0, sizeof usable, &usable) == 0 ? CPU_COUNT(&usable) : 1;
  const auto processors = static_cast<unsigned>(std::clamp(found, 1, 64));
  return processors >= 4 ? processors - 1 : processors;
}

// Bounds are for all workers together.
collector::SensorSettings share_of(collector::SensorSettings settings, unsigned workers) {
  settings.flow.capacity = std::max<std::size_t>(settings.flow.capacity / workers, 64);
  settings.stream.memory = std::max<std::size_t>(settings.stream.memory / workers, 1u << 16);
  settings.defrag.capacity = std::max<std::size_t>(settings.defrag.capacity / workers, 16);
  settings.defrag.memory = std::max<std::size_t>(settings.defrag.memory / workers, 1u << 16);
  return settings;
}

collector::LiveCaptureSettings capture_settings(const Settings& s, const std::string& interface) {
  return {.interface = interface,
          .snaplen = static_cast<int>(s.integer("capture.snap_length")),
          .buffer_bytes =
              static_cast<int>(std::min<std::int64_t>(s.integer("capture.buffer"), INT32_MAX)),
          .promiscuous = s.boolean("capture.promiscuous"),
          .immediate = s.boolean("capture.immediate"),
          .filter = s.text("capture.filter"),
          .balance = s.text("capture.balance") == "flows" ? collector::Balance::flows
                                                          : collector::Balance::hosts};
}

struct PacketsParts {
  collector::SensorSettings sensor;
  EventOptions events;
  Variables variables;
  std::shared_ptr<EveFile> file;            // may be null
  std::shared_ptr<EvidenceStore> evidence;  // may be null
};

// The packets process: opens interfaces for its workers, loads rules, tells how all is. Its own
// thread looks at no packet.
class Packets {
 public:
  Packets(const ChildContext& context, PacketsParts parts, SpoolThread& spool)
      : settings_(context.settings),
        reporter_(context.control.get(), ChildKind::packets),
        variables_(std::move(parts.variables)),
        spool_(spool),
        file_(std::move(parts.file)),
        evidence_(std::move(parts.evidence)),
        sink_(spool, settings_.boolean("upload.metadata"), file_),
        out_(parts.events, sink_),
        file_sink_(file_),
        file_out_(parts.events, file_sink_) {
    std::error_code error;
    if (const auto cache = paths(settings_).rule_cache; std::filesystem::exists(cache, error))
      cache_ = cache;
    for (const std::string& name : settings_.texts("capture.interfaces"))
      interfaces_.emplace_back(capture_settings(settings_, name), interfaces_.size());
    const unsigned workers = worker_count(settings_);
    const auto sensor = share_of(parts.sensor, workers);
    const WorkerParts each{
        .sensor = sensor,
        .events = parts.events,
        .state = suricata::make_shared_state(),
        .spool = spool,
        .metadata = settings_.boolean("upload.metadata"),
        .file = file_,
        .evidence = evidence_,
        .evidence_memory = static_cast<std::size_t>(settings_.integer("evidence.memory") / workers),
        .interfaces = interfaces_.size()};
    for (unsigned i = 0; i < workers; ++i) workers_.push_back(std::make_unique<PacketWorker>(each));
  }

  void run();

 private:
  void start_loading();
  void finish_loading();
  void look();
  void stop_workers();
  void report();
  void report_interfaces();
  void health();
  [[nodiscard]] std::string problem() const;
  [[nodiscard]] bool rules_pending() const { return loading_.valid(); }

  const Settings& settings_;
  Reporter reporter_;
  Variables variables_;
  SpoolThread& spool_;
  std::shared_ptr<EveFile> file_;
  std::shared_ptr<EvidenceStore> evidence_;
  WorkerSink sink_;  // of what is told about the process, not of packets
  EventOut out_;
  std::filesystem::path cache_;  // of compiled rules; empty: none
  EveFileSink file_sink_;        // of what is not for the server; used only where there is a file
  EventOut file_out_;
  std::vector<WatchedInterface> interfaces_;
  std::vector<std::unique_ptr<PacketWorker>> workers_;
  std::vector<WorkerStats> stats_;
  std::future<Result<LoadedRules>> loading_;
  std::size_t rules_loaded_ = 0, rules_failed_ = 0;
  std::string rules_hash_, rules_problem_;
  Clock::time_point next_health_ = Clock::now() + std::chrono::seconds(2);
};

// Compiling takes seconds; packets go on meanwhile.
void Packets::start_loading() {
  if (rules_pending()) return;
  loading_ = std::async(std::launch::async, [this]() -> Result<LoadedRules> {
    CHIENG_TRY(const RuleFiles files, find_rule_files(settings_.texts("rules.files")));
    return load_all_rules({.suricata = files.suricata, .sigma = {}}, catalogue(),
                          {.variables = variables_, .cache = cache_});
  });
}

void Packets::finish_loading() {
  if (!rules_pending() || loading_.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
    return;
  auto rules = loading_.get();
  if (!rules) {
    spdlog::error("rules were not loaded, those before stay in force: {}", rules.error().message());
    rules_problem_ =
        "the rules were not loaded, those before stay in force: " + rules.error().message();
    write_health(out_, now(), "rules_not_loaded",
                 {{"cause", std::string_view(rules.error().text)}});
    return;
  }
  rules_problem_.clear();
  rules_loaded_ = rules->loaded();
  rules_failed_ = rules->failed();
  rules_hash_ = rules->hash;
  out_.set_rule_set(rules_hash_);
  for (const auto& worker : workers_) worker->use(rules->network, rules_hash_);
  spdlog::info("{} rules in force, {} did not load", rules_loaded_, rules_failed_);
  if (const std::string& problem = rules->network_report.cache_problem; !problem.empty())
    spdlog::warn("compiled rules are not kept, each start compiles them: {}", problem);
  for (std::size_t i = 0; i < rules->network_report.faults.size() && i < 20; ++i)
    spdlog::warn("rule not loaded: {}", describe(rules->network_report.faults[i]));
  write_health(out_, now(), "rules_loaded",
               {{"loaded", rules_loaded_},
                {"failed", rules_failed_},
                {"hash", std::string_view(rules_hash_)}});
}

void Packets::look() {
  stats_.clear();
  for (const auto& worker : workers_) stats_.push_back(worker->stats());
  for (WatchedInterface& i : interfaces_) i.look(workers_, stats_);
}

// The gravest one is told.
std::string Packets::problem() const {
  if (const std::string spool = spool_.stats().problem; !spool.empty())
    return "the spool cannot be written: " + spool;
  if (!rules_problem_.empty()) return rules_problem_;
  for (const WatchedInterface& i : interfaces_)
    if (!i.is_open()) return "cannot listen on " + i.name() + ": " + i.problem();
  if (const std::string told = file_ ? file_->problem() : std::string(); !told.empty()) return told;
  return evidence_ ? evidence_->problem() : std::string();
}

void Packets::report_interfaces() {
  ChildReport& r = reporter_.report;
  r.interfaces = static_cast<std::uint16_t>(interfaces_.size());
  r.interfaces_down = 0;
  r.dropped = 0;
  r.worst_loss_ppm = 0;
  for (WatchedInterface& i : interfaces_) {
    const LossCounts& counts = i.losses().totals();
    r.dropped += counts.lost();
    if (counts.loss_ppm() >= r.worst_loss_ppm) {
      r.worst_loss_ppm = counts.loss_ppm();
      ChildReport::put(r.worst_interface, i.name());
    }
    if (!i.is_open()) ++r.interfaces_down;
  }
}

void Packets::report() {
  ChildReport& r = reporter_.report;
  const SpoolThreadStats stats = spool_.stats();
  r.ready = rules_pending() ? 0 : 1;
  report_interfaces();
  r.packets = r.invalid = r.flows = r.alerts = 0;
  r.events = out_.counters().events;
  for (const WorkerStats& worker : stats_) {
    r.packets += worker.sensor.packets;
    r.invalid += worker.sensor.invalid;
    r.flows += worker.sensor.flows_active;
    r.alerts += worker.events.alerts;
    r.events += worker.events.events;
  }
  r.lost = stats.lost + stats.evicted;
  r.rules_loaded = rules_loaded_;
  r.rules_failed = rules_failed_;
  r.spool_bytes = stats.spool.disk_bytes;
  ChildReport::put(r.rules_hash, rules_hash_);
  ChildReport::put(r.state, r.ready == 0          ? "loading rules"
                            : interfaces_.empty() ? "idle"
                                                  : "running");
  ChildReport::put(r.problem, problem());
  reporter_.send();
}

void Packets::health() {
  next_health_ =
      Clock::now() + std::chrono::milliseconds(settings_.integer("agent.health_interval"));
  const ChildReport& r = reporter_.report;
  const Timestamp time = now();
  collector::SensorCounters total;
  for (const WorkerStats& worker : stats_) total += worker.sensor;
  write_health(out_, time, "packets",
               {{"packets", r.packets},
                {"dropped", r.dropped},
                {"stream_gaps", total.gaps},
                {"stream_gap_bytes", total.gap_bytes},
                {"invalid", r.invalid},
                {"flows", r.flows},
                {"alerts", r.alerts},
                {"events", r.events},
                {"lost", r.lost},
                {"workers", workers_.size()},
                {"rules_loaded", r.rules_loaded},
                {"rules_failed", r.rules_failed},
                {"interfaces", std::uint64_t{r.interfaces}},
                {"interfaces_down", std::uint64_t{r.interfaces_down}},
                {"worst_interface", ChildReport::text(r.worst_interface)},
                {"worst_loss_ppm", std::uint64_t{r.worst_loss_ppm}},
                {"problem", ChildReport::text(r.problem)}});
  for (WatchedInterface& i : interfaces_) write_capture_health(out_, time, i.name(), i.losses());
  if (!file_) return;
  LossCounts losses;
  for (WatchedInterface& i : interfaces_) losses += i.losses().totals();
  write_stats(file_out_, time, total, r.alerts, &losses);
  file_sink_.commit();
}

void Packets::stop_workers() {
  for (const auto& worker : workers_) worker->ask_to_stop();
  for (const auto& worker : workers_) worker->stop();
}

void Packets::run() {
  for (WatchedInterface& i : interfaces_) i.open(workers_);
  start_loading();
  bool reading = false;
  while (!ChildSignals::stop) {
    if (ChildSignals::reload.exchange(false)) start_loading();
    finish_loading();
    if (!reading && !rules_pending()) {
      for (const auto& worker : workers_) worker->begin();
      reading = true;
    }
    for (WatchedInterface& i : interfaces_) i.open(workers_);
    look();
    if (reporter_.due()) report();
    if (Clock::now() >= next_health_) health();
    sink_.commit();
    std::this_thread::sleep_for(kTick);
  }
  if (rules_pending()) loading_.wait();
  stop_workers();
  look();
  report();
  health();
  sink_.commit();
}

std::shared_ptr<EveFile> open_eve_file(const Settings& s) {
  const std::string& path = s.text("outputs.eve_file");
  if (path.empty()) return nullptr;
  auto file =
      EveFile::open({.path = path,
                     .rotate_bytes = static_cast<std::uint64_t>(s.integer("outputs.eve_rotate")),
                     .keep = static_cast<unsigned>(s.integer("outputs.eve_keep"))});
  if (file) return std::move(*file);
  spdlog::error("{}; events go to the server only", file.error().message());
  return nullptr;
}

std::shared_ptr<EvidenceStore> open_evidence(const Settings& s) {
  const std::string& path = s.text("evidence.folder");
  if (path.empty()) return nullptr;
  auto store = EvidenceStore::open(path, static_cast<std::uint64_t>(s.integer("evidence.budget")));
  if (store) return std::move(*store);
  spdlog::error("{}; none is kept", store.error().message());
  return nullptr;
}

}  // namespace

int packets_child(ChildContext context) {
  const auto give_up = [](const Error& error) {
    spdlog::critical("packets: {}", error.message());
    return 1;
  };
  const Settings& s = context.settings;
  const Paths where = paths(s);
  const auto sensor = sensor_settings(s);
  if (!sensor) return give_up(sensor.error());
  auto variables = rule_variables(s);
  if (!variables) return give_up(variables.error());
  auto events = make_event_options(s, true);
  if (!events) return give_up(events.error());
  const Privileges keep{.user = context.user ? &*context.user : nullptr, .net_raw = true};
  if (const Status status = drop_privileges(keep); !status) return give_up(status.error());
  if (const Status status = limit_child(context.supervisor, 4096); !status)
    return give_up(status.error());
  SpoolSettings spool_settings;
  spool_settings.total_bytes = static_cast<std::uint64_t>(s.integer("spool.budget"));
  auto writer = SpoolWriter::open(where.packets_spool, spool_settings);
  if (!writer) return give_up(writer.error());
  // Threads that start later inherit what is forbidden; those that run already do not, so this
  // comes before them.
  Confinement limits{.read = system_folders(), .write = {where.packets_spool}, .internet = false};
  for (const std::string& path : s.texts("rules.files")) limits.read.emplace_back(path);
  std::error_code error;
  if (std::filesystem::exists(where.rule_cache, error)) limits.write.push_back(where.rule_cache);
  std::shared_ptr<EveFile> file = open_eve_file(s);
  if (const std::filesystem::path path = s.text("outputs.eve_file"); path.has_parent_path())
    limits.write.push_back(path.parent_path());
  std::shared_ptr<EvidenceStore> evidence = open_evidence(s);
  if (evidence) limits.write.emplace_back(s.text("evidence.folder"));
  if (const std::string problems = confine(limits); !problems.empty())
    spdlog::warn("packets: {}", problems);
  SpoolThread spool(std::move(*writer), std::move(context.ack_packets));
  Packets(
      context,
      {*sensor, std::move(*events), std::move(*variables), std::move(file), std::move(evidence)},
      spool)
      .run();
  spool.stop();
  return 0;
}

}  // namespace chieng::agent
