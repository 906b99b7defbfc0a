#include <fmt/format.h>
#include <signal.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "agent/commands/commands.h"
#include "agent/supervisor/paths.h"
#include "core/file/file.h"
#include "core/time/timestamp.h"

namespace chieng::agent {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kFreshSeconds = 10;

template <class T>
T member(const Json& object, const char* key, T otherwise) {
  if (!object.is_object() || !object.contains(key)) return otherwise;
  try {
    return object[key].get<T>();
  } catch (const Json::exception&) {
    return otherwise;
  }
}

std::string text(const Json& object, const char* key) {
  return member<std::string>(object, key, "");
}
std::uint64_t number(const Json& object, const char* key) {
  return member<std::uint64_t>(object, key, 0);
}

std::string details(const Json& child) {
  const std::string kind = text(child, "kind");
  if (kind == "packets")
    return fmt::format(
        "{} interfaces ({} down), {} packets, {} dropped, {} flows, {} of {} rules, {} alerts",
        number(child, "interfaces"), number(child, "interfaces_down"), number(child, "packets"),
        number(child, "dropped"), number(child, "flows"), number(child, "rules_loaded"),
        number(child, "rules_loaded") + number(child, "rules_failed"), number(child, "alerts"));
  if (kind == "logs")
    return fmt::format("{} files, {} lines, {} of {} rules, {} alerts", number(child, "files"),
                       number(child, "lines"), number(child, "rules_loaded"),
                       number(child, "rules_loaded") + number(child, "rules_failed"),
                       number(child, "alerts"));
  return fmt::format("{} events acknowledged, {} waiting", number(child, "acknowledged"),
                     number(child, "backlog"));
}

// What it says may be long past: a full disk keeps the agent from writing it.
void tell_age(const Json& json) {
  const auto written = parse_iso(text(json, "time"));
  const std::int64_t age = written ? (now().micros - written->micros) / 1'000'000 : 0;
  if (age > kFreshSeconds)
    fmt::print(
        "  problem: the agent has not written its state for {} s; is the disk of "
        "agent.folder full? Its log says more\n",
        age);
}

bool is_running(const Json& json) {
  const auto pid = static_cast<pid_t>(number(json, "pid"));
  // Signal 0 asks only; EPERM means that it is there and not ours.
  return text(json, "state") == "running" && pid > 0 && (kill(pid, 0) == 0 || errno == EPERM);
}

}  // namespace

ExitCode print_status(const StatusOptions& options, const Settings& settings) {
  const Paths where = paths(settings);
  const auto file = read_file(where.status_file, std::size_t{1} << 20);
  if (!file) {
    fmt::print(stderr,
               "chieng-agent: no status at {}: the agent has not run here, or runs with another "
               "agent.folder\n",
               where.status_file.string());
    return ExitCode::failed;
  }
  Json json = Json::parse(*file, nullptr, false);
  if (!json.is_object()) {
    fmt::print(stderr, "chieng-agent: {} is not a status file\n", where.status_file.string());
    return ExitCode::failed;
  }
  const bool running = is_running(json);
  if (options.json) {
    json["running"] = running;
    fmt::print("{}\n", json.dump(2, ' ', false, Json::error_handler_t::replace));
    return running ? ExitCode::fine : ExitCode::failed;
  }
  fmt::print("chieng-agent {} {} (as of {})\n", text(json, "version"),
             running ? "running" : "not running", text(json, "time"));
  if (running) tell_age(json);
  for (const Json& child : json.value("children", Json::array())) {
    fmt::print("  {:8} {:14} {}\n", text(child, "kind"),
               running ? text(child, "state") : "not running", details(child));
    if (const auto restarts = number(child, "restarts"); restarts > 0 && running)
      fmt::print("           started again {} {}\n", restarts, restarts == 1 ? "time" : "times");
    if (const std::string problem = text(child, "problem"); !problem.empty())
      fmt::print("           problem: {}\n", problem);
  }
  return running ? ExitCode::fine : ExitCode::failed;
}

}  // namespace chieng::agent
