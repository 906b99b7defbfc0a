#include <poll.h>
#include <spdlog/spdlog.h>

#include <future>

#include "agent/events/health_writer.h"
#include "agent/pipeline/catalogue.h"
#include "agent/pipeline/network_pipeline.h"
#include "agent/pipeline/rule_loading.h"
#include "agent/settings.h"
#include "agent/supervisor/child.h"
#include "agent/supervisor/paths.h"
#include "agent/supervisor/spool_thread.h"
#include "collector/capture/live_capture.h"

namespace chieng::agent {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kBurst = 512;  // packets of one interface before the others have their turn
constexpr auto kReopen = std::chrono::seconds(5);

struct Interface {
  std::string name;
  std::optional<collector::LiveCapture> capture;
  std::string problem;
  collector::CaptureCounters before;  // of captures that were closed
  Clock::time_point retry{};

  [[nodiscard]] collector::CaptureCounters counters() {
    collector::CaptureCounters out = before;
    if (!capture) return out;
    const auto& c = capture->counters();
    out.received += c.received;
    out.dropped += c.dropped;
    out.if_dropped += c.if_dropped;
    return out;
  }
};

// The packets process: interfaces in, alerts and health into its spool. One thread but for the
// spool's and a reload.
class Packets {
 public:
  Packets(const ChildContext& context, const collector::SensorSettings& sensor, EventOptions events,
          Variables variables, SpoolThread& spool)
      : settings_(context.settings),
        reporter_(context.control.get(), ChildKind::packets),
        variables_(std::move(variables)),
        spool_(spool),
        sink_(spool, context.settings.boolean("upload.metadata")),
        out_(std::move(events), sink_),
        pipeline_(sensor, nullptr, out_) {
    std::error_code error;
    if (const auto cache = paths(settings_).rule_cache; std::filesystem::exists(cache, error))
      cache_ = cache;
    for (const std::string& name : settings_.texts("capture.interfaces"))
      interfaces_.emplace_back().name = name;
  }

  void open_interfaces();
  void run();

 private:
  void start_loading();
  void finish_loading();
  void read(Interface& interface);
  void wait();
  void report();
  void health();
  [[nodiscard]] bool rules_pending() const { return loading_.valid(); }

  const Settings& settings_;
  Reporter reporter_;
  Variables variables_;
  SpoolThread& spool_;
  SpoolSink sink_;
  EventOut out_;
  NetworkPipeline pipeline_;
  std::vector<Interface> interfaces_;
  std::filesystem::path cache_;  // of compiled rules; empty: none
  std::future<Result<LoadedRules>> loading_;
  std::size_t rules_loaded_ = 0, rules_failed_ = 0;
  std::string rules_hash_, rules_problem_;
  Clock::time_point next_health_ = Clock::now() + std::chrono::seconds(2);
};

void Packets::open_interfaces() {
  for (Interface& i : interfaces_) {
    if (i.capture || Clock::now() < i.retry) continue;
    collector::LiveCaptureSettings wish;
    wish.interface = i.name;
    wish.snaplen = static_cast<int>(settings_.integer("capture.snap_length"));
    wish.buffer_bytes =
        static_cast<int>(std::min<std::int64_t>(settings_.integer("capture.buffer"), INT32_MAX));
    wish.promiscuous = settings_.boolean("capture.promiscuous");
    wish.filter = settings_.text("capture.filter");
    auto capture = collector::LiveCapture::open(wish);
    if (capture) {
      spdlog::info("listening on {}", i.name);
      i.capture.emplace(std::move(*capture));
      i.problem.clear();
      continue;
    }
    if (i.problem != capture.error().message())
      spdlog::error("cannot listen on {}: {}; trying again every {} s", i.name,
                    capture.error().message(), kReopen.count());
    i.problem = capture.error().message();
    i.retry = Clock::now() + kReopen;
  }
}

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
  if (rules->network) pipeline_.swap_rules(rules->network);
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

void Packets::read(Interface& i) {
  for (int n = 0; n < kBurst && i.capture; ++n) {
    auto frame = i.capture->next();
    if (!frame) {
      spdlog::error("{}: {}", i.name, frame.error().message());
      i.problem = frame.error().message();
      i.before = i.counters();
      i.capture.reset();
      i.retry = Clock::now() + kReopen;
      return;
    }
    if (!*frame) return;
    pipeline_.packet(**frame);
  }
}

void Packets::wait() {
  std::vector<pollfd> fds;
  for (const Interface& i : interfaces_)
    if (i.capture) fds.push_back({i.capture->fd(), POLLIN, 0});
  (void)poll(fds.data(), fds.size(), 100);
}

void Packets::report() {
  ChildReport& r = reporter_.report;
  const auto& c = pipeline_.counters();
  const SpoolThreadStats stats = spool_.stats();
  r.ready = rules_pending() ? 0 : 1;
  r.interfaces = static_cast<std::uint16_t>(interfaces_.size());
  r.interfaces_down = 0;
  r.dropped = 0;
  r.worst_loss_ppm = 0;
  std::string problem;
  for (Interface& i : interfaces_) {
    const auto counters = i.counters();
    r.dropped += counters.dropped + counters.if_dropped;
    const auto loss = static_cast<std::uint32_t>(counters.loss() * 1e6);
    if (loss >= r.worst_loss_ppm) {
      r.worst_loss_ppm = loss;
      ChildReport::put(r.worst_interface, i.name);
    }
    if (!i.capture) {
      ++r.interfaces_down;
      problem = "cannot listen on " + i.name + ": " + i.problem;
    }
  }
  // The gravest one is told.
  if (!rules_problem_.empty()) problem = rules_problem_;
  if (!stats.problem.empty()) problem = "the spool cannot be written: " + stats.problem;
  r.packets = c.packets;
  r.invalid = c.invalid;
  r.flows = c.flows_active;
  r.alerts = out_.counters().alerts;
  r.events = out_.counters().events;
  r.lost = stats.lost + stats.evicted;
  r.rules_loaded = rules_loaded_;
  r.rules_failed = rules_failed_;
  r.spool_bytes = stats.spool.disk_bytes;
  ChildReport::put(r.rules_hash, rules_hash_);
  ChildReport::put(r.state, r.ready == 0          ? "loading rules"
                            : interfaces_.empty() ? "idle"
                                                  : "running");
  ChildReport::put(r.problem, problem);
  reporter_.send();
}

void Packets::health() {
  next_health_ =
      Clock::now() + std::chrono::milliseconds(settings_.integer("agent.health_interval"));
  const ChildReport& r = reporter_.report;
  write_health(out_, now(), "packets",
               {{"packets", r.packets},
                {"dropped", r.dropped},
                {"invalid", r.invalid},
                {"flows", r.flows},
                {"alerts", r.alerts},
                {"events", r.events},
                {"lost", r.lost},
                {"rules_loaded", r.rules_loaded},
                {"rules_failed", r.rules_failed},
                {"interfaces", std::uint64_t{r.interfaces}},
                {"interfaces_down", std::uint64_t{r.interfaces_down}},
                {"worst_interface", ChildReport::text(r.worst_interface)},
                {"worst_loss_ppm", std::uint64_t{r.worst_loss_ppm}},
                {"problem", ChildReport::text(r.problem)}});
}

void Packets::run() {
  open_interfaces();
  start_loading();
  // What arrives before the rules are there waits in the kernel's buffer.
  while (rules_pending() && !ChildSignals::stop) {
    (void)loading_.wait_for(std::chrono::milliseconds(50));
    finish_loading();
    if (reporter_.due()) report();
  }
  while (!ChildSignals::stop) {
    if (ChildSignals::reload.exchange(false)) start_loading();
    finish_loading();
    open_interfaces();
    wait();
    // While the disk takes nothing, packets wait in the kernel's buffer; what it drops is counted.
    if (!spool_.full())
      for (Interface& i : interfaces_) read(i);
    else
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    pipeline_.advance(now());
    if (reporter_.due()) report();
    if (Clock::now() >= next_health_) health();
    sink_.commit();
  }
  if (rules_pending()) loading_.wait();
  pipeline_.finish();
  report();
  health();
  sink_.commit();
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
  if (const std::string problems = confine(limits); !problems.empty())
    spdlog::warn("packets: {}", problems);
  SpoolThread spool(std::move(*writer), std::move(context.ack_packets));
  Packets(context, *sensor, std::move(*events), std::move(*variables), spool).run();
  spool.stop();
  return 0;
}

}  // namespace chieng::agent
