#include <glob.h>
#include <spdlog/spdlog.h>

#include <future>
#include <map>
#include <set>
#include <thread>

#include "agent/events/health_writer.h"
#include "agent/pipeline/log_pipeline.h"
#include "agent/pipeline/rule_loading.h"
#include "agent/settings.h"
#include "agent/supervisor/child.h"
#include "agent/supervisor/paths.h"
#include "agent/supervisor/spool_thread.h"

namespace chieng::agent {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBatch = 256;       // lines of one file before the others have their turn
constexpr std::size_t kMostFiles = 1024;  // followed at once
constexpr auto kLookAgain = std::chrono::seconds(5);
constexpr auto kQuietCheckpoint = std::chrono::seconds(2);

std::string key_of(const std::string& path) {
  return "tail:" + path;
}

struct Source {
  std::string path;
  collector::Tail tail;
  LogPipeline pipeline;
  std::string problem;
  bool told_cut = false;
  Clock::time_point checkpointed{};
  bool moved = false;  // read on since the last checkpoint
};

std::vector<std::string> expand(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> out;
  // A path without wildcards is followed before it exists.
  if (pattern.find_first_of("*?[") == std::string::npos) return {pattern};
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0)
    for (std::size_t i = 0; i < found.gl_pathc; ++i) out.emplace_back(found.gl_pathv[i]);
  globfree(&found);
  return out;
}

// The logs process: files in, Sigma alerts into its spool. Places in files go into the same write
// as the events.
class Logs {
 public:
  Logs(const ChildContext& context, std::vector<LogFileSetting> files,
       std::shared_ptr<const collector::FormatSet> formats, EventOptions events, SpoolThread& spool,
       std::map<std::string, std::string> places)
      : settings_(context.settings),
        reporter_(context.control.get(), ChildKind::logs),
        files_(std::move(files)),
        formats_(std::move(formats)),
        metadata_(settings_.boolean("upload.metadata")),
        spool_(spool),
        sink_(spool, metadata_),
        out_(std::move(events), sink_),
        places_(std::move(places)) {}

  void run();

 private:
  void look_for_files();
  void add(const std::string& path, const std::string& format);
  [[nodiscard]] bool read(Source& source);
  void tell_cut(Source& source, std::uint64_t line);
  void start_loading();
  void finish_loading();
  void report();
  void health();

  const Settings& settings_;
  Reporter reporter_;
  std::vector<LogFileSetting> files_;
  std::shared_ptr<const collector::FormatSet> formats_;
  bool metadata_;
  SpoolThread& spool_;
  SpoolSink sink_;
  EventOut out_;
  std::map<std::string, std::string>
      places_;  // checkpoints of the last run, until their file is taken up
  std::map<std::string, std::unique_ptr<Source>> sources_;
  std::optional<sigma::Matcher> matcher_;
  std::future<Result<LoadedRules>> loading_;
  std::size_t rules_loaded_ = 0, rules_failed_ = 0;
  std::string rules_hash_, rules_problem_;
  std::uint64_t lines_ = 0;
  bool first_look_ = true;
  Clock::time_point next_look_{}, next_health_ = Clock::now() + std::chrono::seconds(2);
};

void Logs::look_for_files() {
  if (Clock::now() < next_look_) return;
  next_look_ = Clock::now() + kLookAgain;
  for (const LogFileSetting& file : files_)
    for (const std::string& path : expand(file.path))
      if (!sources_.contains(path)) add(path, file.format);
  first_look_ = false;
}

void Logs::add(const std::string& path, const std::string& format) {
  if (sources_.size() >= kMostFiles) {
    spdlog::warn("{} is not followed: {} files are followed already", path, kMostFiles);
    return;
  }
  collector::TailOptions options;
  // A file that appears while we run holds only lines that nobody has seen.
  options.from_start = !first_look_ || settings_.text("logs.start") == "beginning";
  std::optional<collector::TailPosition> place;
  if (const auto known = places_.find(path); known != places_.end()) {
    auto decoded = collector::TailPosition::decode(known->second);
    if (decoded)
      place = *decoded;
    else
      spdlog::warn("the place in {} cannot be read: {}", path, decoded.error().message());
    places_.erase(known);
  }
  collector::LineContext context;
  context.format = format;
  context.reference = now();
  collector::Tail tail(path, options, place ? &*place : nullptr);
  sources_[path] = std::make_unique<Source>(Source{
      path, std::move(tail), LogPipeline(formats_, context, out_), {}, false, Clock::now(), false});
  spdlog::info("following {}", path);
}

// Once a file: a program that writes such lines writes many.
void Logs::tell_cut(Source& source, std::uint64_t line) {
  if (std::exchange(source.told_cut, true)) return;
  spdlog::warn(
      "{}:{}: a line longer than {} bytes is looked at up to there only; further ones of "
      "this file are not reported",
      source.path, line, collector::max_line);
}

// True: there may be more.
bool Logs::read(Source& source) {
  collector::TailLine line;
  std::optional<collector::TailPosition> after;
  const Timestamp observed = now();
  source.pipeline.set_observed(observed);
  source.pipeline.set_reference(observed);
  std::size_t n = 0;
  for (; n < kBatch; ++n) {
    const auto more = source.tail.next(line);
    if (!more) {
      if (source.problem != more.error().message()) spdlog::warn("{}", more.error().message());
      source.problem = more.error().message();
      break;
    }
    source.problem.clear();
    if (!*more) break;
    if (line.cut) tell_cut(source, line.line);
    source.pipeline.line(line.text, source.path, line.line, line.cut,
                         matcher_ ? &*matcher_ : nullptr, metadata_);
    after = line.after;
    ++lines_;
  }
  source.moved = source.moved || after.has_value();
  const bool quiet = Clock::now() - source.checkpointed < kQuietCheckpoint && !ChildSignals::stop;
  if (source.moved && (sink_.has_events() || !quiet)) {
    sink_.checkpoint(key_of(source.path), (after ? *after : source.tail.position()).encode());
    source.checkpointed = Clock::now();
    source.moved = false;
  }
  sink_.commit();
  return n == kBatch;
}

void Logs::start_loading() {
  if (loading_.valid()) return;
  loading_ = std::async(std::launch::async, [this]() -> Result<LoadedRules> {
    CHIENG_TRY(const RuleFiles files, find_rule_files(settings_.texts("sigma.files")));
    static const Catalogue none({}, {});
    return load_all_rules({.suricata = {}, .sigma = files.sigma}, none, {});
  });
}

void Logs::finish_loading() {
  if (!loading_.valid() || loading_.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
    return;
  auto rules = loading_.get();
  if (!rules) {
    spdlog::error("Sigma rules were not loaded, those before stay in force: {}",
                  rules.error().message());
    rules_problem_ =
        "the Sigma rules were not loaded, those before stay in force: " + rules.error().message();
    write_health(out_, now(), "rules_not_loaded",
                 {{"cause", std::string_view(rules.error().text)}});
    return;
  }
  rules_problem_.clear();
  rules_loaded_ = rules->loaded();
  rules_failed_ = rules->failed();
  rules_hash_ = rules->hash;
  out_.set_rule_set(rules_hash_);
  if (rules->host)
    matcher_.emplace(rules->host);
  else
    matcher_.reset();
  spdlog::info("{} Sigma rules in force, {} did not load", rules_loaded_, rules_failed_);
  for (std::size_t i = 0; i < rules->host_report.faults.size() && i < 20; ++i)
    spdlog::warn("rule not loaded: {}", describe(rules->host_report.faults[i]));
  write_health(out_, now(), "rules_loaded",
               {{"loaded", rules_loaded_},
                {"failed", rules_failed_},
                {"hash", std::string_view(rules_hash_)}});
}

void Logs::report() {
  ChildReport& r = reporter_.report;
  const SpoolThreadStats stats = spool_.stats();
  std::string problem;
  for (const auto& [path, source] : sources_)
    if (!source->problem.empty()) problem = source->problem;
  // The gravest one is told.
  if (!rules_problem_.empty()) problem = rules_problem_;
  if (!stats.problem.empty()) problem = "the spool cannot be written: " + stats.problem;
  r.ready = loading_.valid() ? 0 : 1;
  r.lines = lines_;
  r.files = sources_.size();
  r.alerts = out_.counters().alerts;
  r.events = out_.counters().events;
  r.lost = stats.lost + stats.evicted;
  r.rules_loaded = rules_loaded_;
  r.rules_failed = rules_failed_;
  r.spool_bytes = stats.spool.disk_bytes;
  ChildReport::put(r.rules_hash, rules_hash_);
  ChildReport::put(r.state, r.ready == 0 ? "loading rules" : sources_.empty() ? "idle" : "running");
  ChildReport::put(r.problem, problem);
  reporter_.send();
}

void Logs::health() {
  next_health_ =
      Clock::now() + std::chrono::milliseconds(settings_.integer("agent.health_interval"));
  const ChildReport& r = reporter_.report;
  write_health(out_, now(), "logs",
               {{"lines", r.lines},
                {"files", r.files},
                {"alerts", r.alerts},
                {"events", r.events},
                {"lost", r.lost},
                {"rules_loaded", r.rules_loaded},
                {"rules_failed", r.rules_failed},
                {"problem", ChildReport::text(r.problem)}});
  sink_.commit();
}

void Logs::run() {
  start_loading();
  // Lines that are read before the rules are there would pass unseen.
  while (loading_.valid() && !ChildSignals::stop) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    if (reporter_.due()) report();
    finish_loading();
  }
  const auto poll = std::chrono::milliseconds(settings_.integer("logs.poll"));
  while (!ChildSignals::stop) {
    if (ChildSignals::reload.exchange(false)) start_loading();
    finish_loading();
    look_for_files();
    bool more = false;
    // While the disk takes nothing, lines are safest where they are.
    if (!spool_.full())
      for (const auto& [path, source] : sources_) more = read(*source) || more;
    if (reporter_.due()) report();
    if (Clock::now() >= next_health_) health();
    if (!more && !ChildSignals::stop) std::this_thread::sleep_for(poll);
  }
  if (loading_.valid()) loading_.wait();
  if (!spool_.full())
    for (const auto& [path, source] : sources_) (void)read(*source);
  report();
  health();
}

Confinement confinement(const Settings& settings, const std::vector<LogFileSetting>& files,
                        const Paths& where) {
  Confinement out{.read = system_folders(), .write = {where.logs_spool}, .internet = false};
  for (const std::string& path : settings.texts("sigma.files")) out.read.emplace_back(path);
  for (const LogFileSetting& file : files) {
    // Rotation renames within the folder, so the folder is needed; above a wildcard the deepest
    // plain one.
    const std::string plain = file.path.substr(0, file.path.find_first_of("*?["));
    out.read.push_back(std::filesystem::path(plain).parent_path());
  }
  return out;
}

}  // namespace

int logs_child(ChildContext context) {
  const auto give_up = [](const Error& error) {
    spdlog::critical("logs: {}", error.message());
    return 1;
  };
  const Settings& s = context.settings;
  const Paths where = paths(s);
  auto files = log_files(s);
  if (!files) return give_up(files.error());
  auto events = make_event_options(s, true);
  if (!events) return give_up(events.error());
  const Privileges keep{.user = context.user ? &*context.user : nullptr,
                        .dac_read_search = s.boolean("logs.read_all")};
  if (const Status status = drop_privileges(keep); !status) return give_up(status.error());
  if (const Status status = limit_child(context.supervisor, 8192); !status)
    return give_up(status.error());
  SpoolSettings spool_settings;
  spool_settings.total_bytes = static_cast<std::uint64_t>(s.integer("spool.budget"));
  auto writer = SpoolWriter::open(where.logs_spool, spool_settings);
  if (!writer) return give_up(writer.error());
  if (const std::string problems = confine(confinement(s, *files, where)); !problems.empty())
    spdlog::warn("logs: {}", problems);
  auto formats = collector::FormatSet::builtin();
  if (!formats) return give_up(formats.error());
  std::map<std::string, std::string> places;
  for (const std::string& key : writer->checkpoint_keys())
    if (auto value = writer->last_checkpoint(key); value && key.starts_with("tail:"))
      places[key.substr(5)] = std::move(*value);
  SpoolThread spool(std::move(*writer), std::move(context.ack_logs));
  Logs(context, std::move(*files), std::move(*formats), std::move(*events), spool,
       std::move(places))
      .run();
  spool.stop();
  return 0;
}

}  // namespace chieng::agent
