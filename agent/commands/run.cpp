#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "agent/commands/commands.h"
#include "agent/events/event_out.h"
#include "agent/settings.h"
#include "agent/supervisor/supervisor.h"
#include "agent/version.h"
#include "collector/log/formats.h"

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

Status check_log_files(const Settings& settings) {
  CHIENG_TRY(const auto files, log_files(settings));
  if (files.empty()) return {};
  CHIENG_TRY(const auto formats, collector::FormatSet::builtin());
  for (const LogFileSetting& file : files) {
    if (!std::filesystem::path(file.path).is_absolute())
      return fail(ErrorCode::invalid_argument,
                  fmt::format("logs.files has the path {}; accepted is an absolute one, such as "
                              "/var/log/auth.log",
                              file.path),
                  settings.where("logs.files"));
    if (!file.format.empty() && !formats->has(file.format))
      return fail(ErrorCode::invalid_argument,
                  fmt::format("logs.files has the unknown format {}; accepted are {}", file.format,
                              fmt::join(formats->names(), ", ")),
                  settings.where("logs.files"));
  }
  return {};
}

// Everything that a child would refuse later is refused before the first one starts.
Status check(const Settings& settings) {
  CHIENG_CHECK(sensor_settings(settings));
  CHIENG_CHECK(make_event_options(settings, true));
  CHIENG_CHECK(rule_variables(settings));
  CHIENG_CHECK(check_log_files(settings));
  for (const char* key : {"rules.files", "sigma.files"})
    if (const auto found = find_rule_files(settings.texts(key)); !found)
      return fail(found.error().code, std::string(key) + ": " + found.error().text,
                  settings.where(key));
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
