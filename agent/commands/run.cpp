#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "agent/commands/commands.h"
#include "agent/events/event_out.h"
#include "agent/settings.h"
#include "agent/supervisor/supervisor.h"
#include "agent/version.h"

namespace chieng::agent {
namespace {

void set_up_log(const Settings& settings) {
  auto logger = std::make_shared<spdlog::logger>("chieng-agent",
                                                 std::make_shared<spdlog::sinks::stderr_sink_st>());
  // Under systemd the journal adds the time itself.
  logger->set_pattern(getenv("JOURNAL_STREAM") != nullptr ? "[%l] %v"
                                                          : "%Y-%m-%dT%H:%M:%S.%e%z [%l] %P %v");
  logger->set_level(spdlog::level::from_str(settings.text("agent.log_level")));
  logger->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
}

// Everything that a child would refuse later is refused before the first one starts.
Status check(const Settings& settings) {
  CHIENG_CHECK(sensor_settings(settings));
  CHIENG_CHECK(make_event_options(settings, true));
  CHIENG_CHECK(rule_variables(settings));
  CHIENG_CHECK(log_files(settings));
  CHIENG_CHECK(find_rule_files(settings.texts("rules.files")));
  CHIENG_CHECK(find_rule_files(settings.texts("sigma.files")));
  return {};
}

}  // namespace

ExitCode run(const RunOptions&, const Settings& settings) {
  if (const Status status = check(settings); !status) {
    fmt::print(stderr, "chieng-agent: {}\n", status.error().message());
    return ExitCode::usage;
  }
  set_up_log(settings);
  spdlog::info("chieng-agent {}", version());
  return Supervisor(settings).run() == 0 ? ExitCode::fine : ExitCode::failed;
}

}  // namespace chieng::agent
