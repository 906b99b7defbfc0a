#include "server/commands/run.h"

#include <fmt/core.h>
#include <signal.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>

#include <atomic>
#include <ctime>

#include "server/api/api_server.h"
#include "server/auth/accounts.h"
#include "server/commands/admin.h"
#include "server/commands/admin_socket.h"
#include "server/commands/housekeeping.h"
#include "server/commands/one_time.h"
#include "server/correlate/correlator.h"
#include "server/ingest/enrolment.h"
#include "server/settings.h"
#include "server/store/sqlite_store.h"
#include "server/store/system_access.h"
#include "transport/enroll/enroll.h"
#include "transport/listener/listener.h"

namespace chieng::server {
namespace {

// Signals are taken by one wait instead of handlers; every thread made later inherits the mask.
sigset_t stop_signals() {
  sigset_t out;
  sigemptyset(&out);
  sigaddset(&out, SIGTERM);
  sigaddset(&out, SIGINT);
  return out;
}

void set_up_log(const Settings& settings) {
  auto log = spdlog::stderr_logger_mt("server");
  log->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
  log->set_level(spdlog::level::from_str(settings.text("log.level")));
  spdlog::set_default_logger(std::move(log));
}

Status first_account(Store& store, const Settings& settings) {
  CHIENG_TRY(const auto login, ensure_first_account(store, Scope::all(system_access())));
  if (!login) return {};
  CHIENG_TRY(const Told told, tell_password(data_folder(settings), login->name, login->password));
  if (!told.shown)
    spdlog::info("first account '{}' made; its one-time password is in {}", login->name,
                 told.file.string());
  return {};
}

Result<ApiSettings> api_settings(const Settings& settings) {
  ApiSettings out;
  CHIENG_TRY(const HostPort listen, parse_host_port(settings.text("api.listen"), "api.listen"));
  out.http.address = listen.host;
  out.http.port = listen.port;
  out.http.certificate = settings.text("api.certificate");
  out.http.key = settings.text("api.key");
  out.http.workers = static_cast<int>(settings.integer("api.workers"));
  out.auth.idle_seconds = settings.integer("auth.session_idle") / 1000;
  out.auth.lifetime_seconds = settings.integer("auth.session_lifetime") / 1000;
  if (out.http.certificate.empty() != out.http.key.empty())
    return fail(ErrorCode::invalid_argument,
                "api.certificate and api.key go together: set both or neither", "api");
  const bool local = listen.host == "127.0.0.1" || listen.host == "::1";
  if (!local && out.http.certificate.empty())
    return fail(ErrorCode::invalid_argument,
                listen.host +
                    " can be reached from outside, and passwords would travel in the clear: set "
                    "api.certificate"
                    " and api.key, or listen on 127.0.0.1 behind a proxy",
                "api.listen");
  return out;
}

// Waits for a signal or for `broken`, and tells systemd's watchdog meanwhile.
void wait_for_end(const std::atomic<bool>& broken) {
  const sigset_t signals = stop_signals();
  for (;;) {
    const timespec second{1, 0};
    if (::sigtimedwait(&signals, nullptr, &second) > 0 || broken) return;
    ::sd_notify(0, "WATCHDOG=1");
  }
}

Status serve(const Settings& settings) {
  CHIENG_TRY(const ApiSettings api_set, api_settings(settings));
  ChangeFeed feed;
  CHIENG_TRY(const auto store, open_store({data_folder(settings), &feed}));
  CHIENG_CHECK(first_account(*store, settings));
  CHIENG_TRY(const KeyPair keys, KeyPair::load_or_create(data_folder(settings) / "transport.key"));

  KeyDirectory directory;
  Enrolment enrolment(*store, directory, transport_address(settings));
  CHIENG_CHECK(enrolment.publish_keys());
  std::atomic<bool> broken = false;
  Correlator correlator(*store);
  Ingest ingest(*store,
                {.stored = [&] { correlator.wake(); },
                 .broken =
                     [&](const std::string& why) {
                       spdlog::critical(
                           "the store cannot be trusted: {}; ending, to start again from the disk",
                           why);
                       broken = true;
                     }});
  Housekeeping housekeeping(*store, ingest, settings.integer("data.event_days"));
  ListenerSettings listen;
  listen.endpoints = settings.texts("transport.listen");
  listen.keys = keys;
  listen.identity = {store->server_id(), store->generation()};
  Listener listener(listen, directory, ingest);
  EnrollListenerSettings enrol;
  enrol.endpoints = settings.texts("enrolment.listen");
  enrol.keys = keys;
  EnrollListener enrol_listener(enrol, enrolment);
  ApiServer api(api_set, *store, feed);
  const AdminContext admin{*store, keys.public_key, enrolment_address(settings),
                           [&] { return enrolment.publish_keys(); }};
  AdminSocket socket(admin_socket(settings),
                     [&](std::string_view request) { return admin_call(admin, request); });

  correlator.start();
  ingest.start();
  housekeeping.start();
  CHIENG_CHECK(listener.start());
  CHIENG_CHECK(enrol_listener.start());
  CHIENG_CHECK(api.start());
  CHIENG_CHECK(socket.start());
  spdlog::info("chieng-server {} is ready; console at {}://{}, agents at {}", CHIENG_VERSION,
               api.tls() ? "https" : "http", settings.text("api.listen"),
               transport_address(settings));
  ::sd_notify(0, "READY=1");
  wait_for_end(broken);
  ::sd_notify(0, "STOPPING=1");
  spdlog::info("ending");

  // From the outside in: nobody new, then what was taken is stored, then what follows from it.
  socket.stop();
  enrol_listener.stop();
  listener.stop();
  ingest.stop();
  housekeeping.stop();
  correlator.stop();
  feed.close();
  api.stop();
  if (broken)
    return fail(ErrorCode::io,
                "ended because the store failed; start again to read what is on the disk");
  return {};
}

}  // namespace

int run_server(const Settings& settings) {
  set_up_log(settings);
  const sigset_t signals = stop_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ,
           SIG_IGN);  // a file at its size limit is a full disk, not the end of the process
  if (const Status done = serve(settings); !done) {
    spdlog::critical("{}", done.error().message());
    return 1;
  }
  return 0;
}

}  // namespace chieng::server
