#include "agent/supervisor/paths.h"

namespace chieng::agent {

Paths paths(const Settings& settings) {
  Paths out;
  out.folder = settings.text("agent.folder");
  out.keys = out.folder / "keys";
  out.spool = settings.text("spool.folder").empty()
                  ? out.folder / "spool"
                  : std::filesystem::path(settings.text("spool.folder"));
  out.packets_spool = out.spool / "packets";
  out.logs_spool = out.spool / "logs";
  out.key_file = out.keys / "agent.key";
  out.identity_file = out.keys / "identity.json";
  const std::string& status = settings.text("agent.status_file");
  out.status_file = status.empty() ? out.folder / "status.json" : std::filesystem::path(status);
  // The service manager makes the folder; inside it the packets process has its own.
  const std::string& cache = settings.text("rules.cache");
  out.rule_cache = cache.empty() ? std::filesystem::path("/var/cache/chieng/rules")
                                 : std::filesystem::path(cache);
  return out;
}

}  // namespace chieng::agent
