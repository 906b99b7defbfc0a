#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <functional>

#include "agent/commands/commands.h"
#include "agent/pipeline/catalogue.h"
#include "agent/pipeline/network_pipeline.h"
#include "agent/pipeline/rule_loading.h"
#include "collector/capture/capture_file.h"

namespace chieng::agent {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

std::uint64_t peak_rss_bytes() {
  rusage usage{};
  return getrusage(RUSAGE_SELF, &usage) == 0 ? static_cast<std::uint64_t>(usage.ru_maxrss) * 1024
                                             : 0;
}

// Events are made as for a file, and go nowhere.
class NoSink final : public EventSink {
 public:
  void emit(const Envelope&, std::string_view) override {}
};

struct Ran {
  std::uint64_t packets = 0, bytes = 0;
  double seconds = 0;
};

// Every frame of the capture through `each`, then `end`: what is timed. A damaged end ends the run.
Result<Ran> run_over(const std::string& path,
                     const std::function<void(const collector::Frame&)>& each,
                     const std::function<void()>& end) {
  CHIENG_TRY(collector::CaptureFile file, collector::CaptureFile::open(path));
  Ran out;
  const auto begin = Clock::now();
  while (true) {
    CHIENG_TRY(const std::optional<collector::Frame> frame, file.next());
    if (!frame) break;
    ++out.packets;
    out.bytes += frame->wire_length;
    each(*frame);
  }
  end();
  out.seconds = seconds_since(begin);
  return out;
}

Result<Ran> run_stage(const BenchOptions& options, const collector::SensorSettings& sensor,
                      std::shared_ptr<const suricata::RuleSet> rules, EventOut& out) {
  if (options.stage == "read")
    return run_over(options.capture, [](const collector::Frame&) {}, [] {});
  if (options.stage == "collector") {
    collector::Sensor alone(sensor, catalogue(), nullptr, nullptr);
    return run_over(
        options.capture, [&](const collector::Frame& frame) { alone.packet(frame); },
        [&] { alone.finish(); });
  }
  NetworkPipeline pipeline(sensor, std::move(rules), out);
  return run_over(
      options.capture, [&](const collector::Frame& frame) { pipeline.packet(frame); },
      [&] { pipeline.finish(); });
}

}  // namespace

ExitCode bench(const BenchOptions& options, const Settings& settings) {
  const auto give_up = [](const Error& error, ExitCode code) {
    fmt::print(stderr, "chieng-agent: {}\n", error.message());
    return code;
  };
  auto sensor = sensor_settings(settings);
  if (!sensor) return give_up(sensor.error(), ExitCode::usage);
  // As the programs that it is compared with are run: what a network card does is not measured, and
  // no file is hashed unless a rule asks for it.
  sensor->stream.checksum_validation = false;
  sensor->files = {.md5 = false, .sha1 = false, .sha256 = false};
  auto events = make_event_options(settings, false);
  if (!events) return give_up(events.error(), ExitCode::usage);
  if (options.stage == "whole") events->types = {"alert"};
  auto variables = rule_variables(settings, options.variables);
  if (!variables) return give_up(variables.error(), ExitCode::usage);
  auto files = find_rule_files(options.rules);
  if (!files) return give_up(files.error(), ExitCode::usage);
  const auto begin = Clock::now();
  auto rules = load_all_rules(*files, catalogue(),
                              {.variables = std::move(*variables), .cache = rule_cache(settings)});
  if (!rules) return give_up(rules.error(), ExitCode::failed);
  const double load_seconds = seconds_since(begin);
  NoSink nowhere;
  EventOut out(std::move(*events), nowhere);
  const auto ran = run_stage(options, *sensor, rules->network, out);
  if (!ran) return give_up(ran.error(), ExitCode::failed);
  fmt::print(
      R"({{"packets":{},"bytes":{},"load_s":{:.3f},"run_s":{:.3f},"peak_rss_bytes":{},"alerts":{}}})"
      "\n",
      ran->packets, ran->bytes, load_seconds, ran->seconds, peak_rss_bytes(),
      out.counters().alerts);
  return ExitCode::fine;
}

}  // namespace chieng::agent
