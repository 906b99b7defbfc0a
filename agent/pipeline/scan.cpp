#include "agent/pipeline/scan.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "agent/events/health_writer.h"
#include "agent/pipeline/catalogue.h"
#include "agent/pipeline/json_lines_sink.h"
#include "agent/pipeline/log_pipeline.h"
#include "agent/pipeline/network_pipeline.h"
#include "agent/pipeline/progress.h"
#include "collector/capture/capture_file.h"

namespace chieng::agent {
namespace {

constexpr std::size_t kFaultLines = 50;

void complain(const std::string& text) {
  fmt::print(stderr, "chieng-agent: {}\n", text);
}

struct Input {
  std::string path;
  collector::InputKind kind = collector::InputKind::unknown;
  Timestamp modified;
};

Result<Input> look_at(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return fail_errno("cannot open " + path, errno);
  struct stat facts{};
  if (fstat(file.get(), &facts) != 0) return fail_errno("cannot open " + path, errno);
  if (S_ISDIR(facts.st_mode))
    return fail(ErrorCode::invalid_argument, path + " is a folder; name its files");
  std::string head(4096, '\0');
  const ssize_t n = pread(file.get(), head.data(), head.size(), 0);
  if (n < 0) return fail_errno("cannot read " + path, errno);
  head.resize(static_cast<std::size_t>(n));
  Input out{path, collector::detect_kind(as_bytes(head)), Timestamp::from_seconds(facts.st_mtime)};
  if (out.kind == collector::InputKind::unknown)
    return fail(ErrorCode::unsupported,
                path + " is neither a capture (pcap, pcapng) nor a log (text, JSON, EVTX)");
  return out;
}

Result<EventOptions> event_options(const ScanOptions& scan, const Settings& settings) {
  CHIENG_TRY(EventOptions out, make_event_options(settings, false));
  if (!out.types.empty() && scan.log_events) out.types.emplace_back("log");
  return out;
}

// One scan: what the inputs share. Used once.
class Scan {
 public:
  Scan(const ScanOptions& options, const collector::SensorSettings& sensor, LoadedRules rules,
       EventOptions events, JsonLinesSink sink, std::shared_ptr<EvidenceStore> evidence,
       std::size_t evidence_memory)
      : options_(options),
        sensor_(sensor),
        rules_(std::move(rules)),
        sink_(std::move(sink)),
        out_(std::move(events), sink_),
        evidence_(std::move(evidence)),
        evidence_memory_(evidence_memory) {
    out_.set_rule_set(rules_.hash);
    if (rules_.host) matcher_.emplace(rules_.host);
  }

  ExitCode run();

 private:
  void report_rules();
  [[nodiscard]] Status capture(const Input& input);
  [[nodiscard]] Status log(const Input& input);
  void report(const Error& error);

  const ScanOptions& options_;
  const collector::SensorSettings& sensor_;
  LoadedRules rules_;
  JsonLinesSink sink_;
  EventOut out_;
  std::shared_ptr<EvidenceStore> evidence_;  // may be null
  std::size_t evidence_memory_;
  Progress progress_;
  std::optional<sigma::Matcher> matcher_;
  std::shared_ptr<const collector::FormatSet> formats_;
};

void Scan::report(const Error& error) {
  progress_.clear();
  complain(error.message());
}

template <class Fault>
void tell(EventOut& out, std::span<const Fault> faults, std::size_t rules,
          std::string_view engine) {
  if (faults.empty()) return;
  complain(fmt::format("{} of {} {} rules did not load; the others are in force", faults.size(),
                       rules, engine));
  for (std::size_t i = 0; i < faults.size(); ++i) {
    const Fault& f = faults[i];
    if (i < kFaultLines) complain(describe(f));
    std::string id;
    if constexpr (requires { f.sid; })
      id = std::to_string(f.sid);
    else
      id = f.id;
    write_health(out, now(), "rule_not_loaded",
                 {{"engine", engine},
                  {"file", std::string_view(f.file)},
                  {"line", static_cast<std::uint64_t>(f.line)},
                  {"rule", std::string_view(id)},
                  {"option", std::string_view(f.option)},
                  {"cause", std::string_view(f.reason)}});
  }
  if (faults.size() > kFaultLines)
    complain(fmt::format("… and {} more; `chieng-agent rules check` lists them all",
                         faults.size() - kFaultLines));
}

void Scan::report_rules() {
  tell<suricata::RuleFault>(out_, rules_.network_report.faults, rules_.network_report.rules,
                            "suricata");
  tell<sigma::RuleFault>(out_, rules_.host_report.faults, rules_.host_report.rules, "sigma");
}

Status Scan::capture(const Input& input) {
  CHIENG_TRY(collector::CaptureFile file, collector::CaptureFile::open(input.path));
  NetworkPipeline pipeline(sensor_, nullptr, out_);
  if (evidence_) pipeline.keep_evidence(evidence_, evidence_memory_);
  if (rules_.network) pipeline.swap_rules(rules_.network);
  while (true) {
    auto frame = file.next();
    if (!frame) {
      report(frame.error());
      write_health(out_, pipeline.last_time(), "capture_damaged",
                   {{"file", std::string_view(input.path)},
                    {"cause", std::string_view(frame.error().text)}});
      break;
    }
    if (!*frame) break;
    pipeline.packet(**frame);
    progress_.update(input.path, pipeline.counters().packets, "packets", out_.counters().alerts);
    if (sink_.failed()) break;
  }
  pipeline.finish();
  if (const std::uint64_t bad = pipeline.counters().invalid; bad > 0) {
    progress_.clear();
    complain(fmt::format("{}: {} of {} packets have a broken header", input.path, bad,
                         pipeline.counters().packets));
  }
  write_stats(out_, pipeline.last_time(), pipeline.counters(), out_.counters().alerts, nullptr);
  return {};
}

Status Scan::log(const Input& input) {
  if (!formats_) {
    CHIENG_TRY(formats_, collector::FormatSet::builtin());
  }
  if (!options_.log_format.empty() && !formats_->has(options_.log_format))
    return fail(ErrorCode::invalid_argument,
                fmt::format("no log format is called {}; there are {}", options_.log_format,
                            fmt::join(formats_->names(), ", ")),
                "--log-format");
  CHIENG_TRY(collector::LogFileReader reader, collector::LogFileReader::open(input.path));
  collector::LineContext context;
  context.format = options_.log_format;
  context.reference = input.modified;
  LogPipeline pipeline(formats_, context, out_);
  collector::LogEntry entry;
  std::uint64_t entries = 0, malformed = 0, cut = 0;
  while (true) {
    CHIENG_TRY(const bool more, reader.next(entry));
    if (!more || sink_.failed()) break;
    if (entry.cut && cut++ == 0) {
      progress_.clear();
      complain(fmt::format("{}:{}: a line longer than {} bytes is cut there", input.path,
                           entry.line, collector::max_line));
    }
    if (!entry.malformed.empty() && malformed++ == 0) {
      progress_.clear();
      complain(fmt::format("{}:{}: {}", input.path, entry.line, entry.malformed));
    }
    pipeline.entry(entry, input.path, matcher_ ? &*matcher_ : nullptr, options_.log_events);
    progress_.update(input.path, ++entries, "records", out_.counters().alerts);
  }
  if (malformed > 0)
    write_health(out_, input.modified, "log_malformed",
                 {{"file", std::string_view(input.path)}, {"records", malformed}});
  if (cut > 0) {
    complain(fmt::format("{}: {} lines were cut", input.path, cut));
    write_health(out_, input.modified, "log_lines_cut",
                 {{"file", std::string_view(input.path)}, {"records", cut}});
  }
  return {};
}

ExitCode Scan::run() {
  ExitCode exit = ExitCode::fine;
  report_rules();
  for (const std::string& path : options_.inputs) {
    const auto input = look_at(path);
    const Status status = !input ? Status(std::unexpected(input.error()))
                          : input->kind == collector::InputKind::capture ? capture(*input)
                                                                         : log(*input);
    if (!status) {
      report(status.error());
      if (status.error().context == "--log-format") return ExitCode::usage;
      exit = ExitCode::failed;
    }
    if (sink_.failed()) break;
  }
  if (evidence_ && !evidence_->problem().empty()) {
    complain(evidence_->problem());
    exit = ExitCode::failed;
  }
  if (const Status status = sink_.flush(); !status) {
    report({status.error().code,
            fmt::format("the events cannot be written to {}: {}",
                        options_.out.empty() ? "standard output" : options_.out,
                        status.error().message()),
            {}});
    return ExitCode::failed;
  }
  return exit;
}

}  // namespace

ExitCode scan(const ScanOptions& options, const Settings& settings) {
  const auto give_up = [](const Error& error, ExitCode code) {
    complain(error.message());
    return code;
  };
  auto sensor = sensor_settings(settings);
  if (!sensor) return give_up(sensor.error(), ExitCode::usage);
  auto events = event_options(options, settings);
  if (!events) return give_up(events.error(), ExitCode::usage);
  auto variables = rule_variables(settings, options.variables);
  if (!variables) return give_up(variables.error(), ExitCode::usage);
  auto files = find_rule_files(options.rules);
  if (!files) return give_up(files.error(), ExitCode::usage);
  auto rules = load_all_rules(*files, catalogue(),
                              {.variables = std::move(*variables), .cache = rule_cache(settings)});
  if (!rules) return give_up(rules.error(), ExitCode::failed);
  auto sink = JsonLinesSink::open(options.out);
  if (!sink) return give_up(sink.error(), ExitCode::failed);
  std::shared_ptr<EvidenceStore> evidence;
  if (const std::string folder =
          options.evidence.empty() ? settings.text("evidence.folder") : options.evidence;
      !folder.empty()) {
    auto store = EvidenceStore::open(
        folder, static_cast<std::uint64_t>(settings.integer("evidence.budget")));
    if (!store) return give_up(store.error(), ExitCode::failed);
    evidence = std::move(*store);
  }
  return Scan(options, *sensor, std::move(*rules), std::move(*events), std::move(*sink),
              std::move(evidence), static_cast<std::size_t>(settings.integer("evidence.memory")))
      .run();
}

}  // namespace chieng::agent
