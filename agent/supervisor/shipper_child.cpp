#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <algorithm>

#include <array>
#include <mutex>
#include <thread>

#include "agent/supervisor/child.h"
#include "agent/supervisor/identity.h"
#include "agent/supervisor/paths.h"
#include "agent/version.h"
#include "core/event/json_writer.h"
#include "core/event/privacy.h"
#include "transport/client/client.h"

namespace chieng::agent {
namespace {

// The others' last reports, as the supervisor hands them on. Read by the client's thread, written
// by ours.
class Reports {
 public:
  void set(const ChildReport& report) {
    const std::lock_guard lock(mutex_);
    all_[static_cast<std::size_t>(report.kind)] = report;
  }
  // The health body of a BEAT.
  [[nodiscard]] std::string json() const;

 private:
  mutable std::mutex mutex_;
  std::array<ChildReport, kChildKinds> all_{};  // guarded by mutex_
};

std::string Reports::json() const {
  std::array<ChildReport, kChildKinds> all;
  {
    const std::lock_guard lock(mutex_);
    all = all_;
  }
  const ChildReport& p = all[0];
  const ChildReport& l = all[1];
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("version", version());
  json.key("rules").begin_object().field("loaded", p.rules_loaded + l.rules_loaded);
  json.field("failed", p.rules_failed + l.rules_failed);
  json.field("hash", ChildReport::text(p.rules_hash).empty() ? ChildReport::text(l.rules_hash)
                                                             : ChildReport::text(p.rules_hash))
      .end_object();
  json.key("spool").begin_object().field("bytes", p.spool_bytes + l.spool_bytes).end_object();
  json.key("counters").begin_object().field("packets", p.packets).field("dropped", p.dropped);
  json.field("alerts", p.alerts + l.alerts)
      .field("events", p.events + l.events)
      .field("lines", l.lines);
  json.field("lost", p.lost + l.lost).end_object();
  json.key("problems").begin_array();
  for (const ChildReport& r : all)
    if (const std::string_view problem = ChildReport::text(r.problem); !problem.empty())
      json.value(mask_text(problem));
  json.end_array().end_object();
  return out;
}

void fill(ChildReport& report, const ClientStatus& status) {
  report.backlog = report.acknowledged = 0;
  for (const auto& lane : status.lanes) report.backlog += lane.next - 1 - lane.committed;
  report.acknowledged = status.records_acknowledged;
  report.ready = status.state == ClientState::connected ? 1 : 0;
  ChildReport::put(report.state, to_string(status.state));
  ChildReport::put(report.problem, status.problem);
}

// Between the supervisor and the client: reports both ways.
// Whether it ended because the machine was enrolled anew.
bool exchange(int control, Reporter& reporter, Reports& reports, const Client& client,
              IdentityWatch& identity) {
  ClientState before = ClientState::idle;
  std::string told;  // the problem that was logged last
  while (!ChildSignals::stop) {
    if (identity.changed()) {
      ChildSignals::stop = true;
      return true;
    }
    ChildReport report;
    while (recv(control, &report, sizeof report, MSG_DONTWAIT) ==
           static_cast<ssize_t>(sizeof report))
      if (report.magic == ChildReport::kMagic && report.kind != ChildKind::shipper)
        reports.set(report);
    const ClientStatus status = client.status();
    const bool news = !status.problem.empty() && status.problem != told;
    if (status.state != before || news) {
      if (status.problem.empty())
        spdlog::info("server: {}", to_string(status.state));
      else
        spdlog::warn("server: {}: {}", to_string(status.state), status.problem);
      before = status.state;
      told = status.problem;
    }
    fill(reporter.report, status);
    if (reporter.due()) reporter.send();
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  return false;
}

int start_again() {
  spdlog::info("this machine is enrolled; the shipper starts again with the new identity");
  return kStartAgain;
}

int wait_unenrolled(const ChildContext& context, const Paths& where) {
  spdlog::warn("not enrolled: events stay in {}; enrol with `chieng-agent enroll`",
               where.spool.string());
  Reporter reporter(context.control.get(), ChildKind::shipper);
  ChildReport::put(reporter.report.state, "not enrolled");
  IdentityWatch identity(where.identity_file, std::nullopt);
  while (!ChildSignals::stop) {
    if (identity.changed()) return start_again();
    if (reporter.due()) reporter.send();
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  return 0;
}

ClientSettings client_settings(ChildContext& context, const Paths& where, const Identity& identity,
                               KeyPair keys, const Reports& reports) {
  ClientSettings out;
  out.endpoint = identity.endpoint;
  out.server_key = identity.server_key;
  out.keys = std::move(keys);
  out.agent = identity.agent;
  out.version = version();
  out.spools.push_back({"packets", where.packets_spool, AckSender(std::move(context.ack_packets))});
  out.spools.push_back({"logs", where.logs_spool, AckSender(std::move(context.ack_logs))});
  out.health = [&reports] { return reports.json(); };
  // Whoever wants health more often than usual wants to see it at the centre, too.
  out.beat_every = std::min(
      out.beat_every, std::chrono::milliseconds(context.settings.integer("agent.health_interval")));
  out.welcome_within =
      std::chrono::milliseconds(context.settings.integer("server.connect_timeout"));
  return out;
}

}  // namespace

int shipper_child(ChildContext context) {
  const auto give_up = [](const Error& error) {
    spdlog::critical("shipper: {}", error.message());
    return 1;
  };
  const Paths where = paths(context.settings);
  if (const Status status = drop_privileges({.user = context.user ? &*context.user : nullptr});
      !status)
    return give_up(status.error());
  if (const Status status = limit_child(context.supervisor, 4096); !status)
    return give_up(status.error());
  Confinement limits{.read = system_folders(), .write = {}, .internet = true};
  limits.read.push_back(where.spool);
  limits.read.push_back(where.keys);
  limits.read.emplace_back("/run");  // where the system keeps its resolver's settings
  if (const std::string problems = confine(limits); !problems.empty())
    spdlog::warn("shipper: {}", problems);
  auto identity = Identity::load(where.identity_file);
  if (!identity && identity.error().code == ErrorCode::not_found)
    return wait_unenrolled(context, where);
  if (!identity) return give_up(identity.error());
  auto keys = KeyPair::load(where.key_file);
  if (!keys) return give_up(keys.error());
  const int control = context.control.get();
  Reporter reporter(control, ChildKind::shipper);
  Reports reports;
  Client client(client_settings(context, where, *identity, std::move(*keys), reports));
  IdentityWatch watch(where.identity_file, *identity);
  bool enrolled_anew = false;
  std::thread talk([&] { enrolled_anew = exchange(control, reporter, reports, client, watch); });
  const Status status = client.run(ChildSignals::stop);
  ChildSignals::stop = true;
  talk.join();
  if (enrolled_anew) return start_again();
  return status ? 0 : give_up(status.error());
}

}  // namespace chieng::agent
