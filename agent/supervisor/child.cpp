#include "agent/supervisor/child.h"

#include <signal.h>
#include <sys/socket.h>

namespace chieng::agent {

std::atomic<bool> ChildSignals::stop{false};
std::atomic<bool> ChildSignals::reload{false};
static_assert(std::atomic<bool>::is_always_lock_free, "signal handlers set these");

void ChildSignals::install() {
  struct sigaction action{};
  action.sa_handler = [](int signal) {
    if (signal == SIGHUP)
      reload = true;
    else
      stop = true;
  };
  // No SA_RESTART: a wait ends when a signal comes.
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) (void)sigaction(signal, &action, nullptr);
  struct sigaction ignore{};
  ignore.sa_handler = SIG_IGN;
  (void)sigaction(SIGPIPE, &ignore, nullptr);
  stop = false;
  reload = false;
}

void Reporter::send() {
  next_ = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  // A supervisor that is slow to read loses a report, not the child's time.
  (void)::send(fd_, &report, sizeof report, MSG_DONTWAIT | MSG_NOSIGNAL);
}

std::vector<std::filesystem::path> system_folders() {
  return {"/usr",         "/lib",  "/lib64",
          "/etc",         "/proc", "/sys/class/net",
          "/sys/devices", "/dev",  "/run/systemd/resolve"};
}

}  // namespace chieng::agent
