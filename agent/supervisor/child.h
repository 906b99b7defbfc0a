// What every child has: its settings, its lines to the supervisor, and when to stop.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "agent/supervisor/child_report.h"
#include "agent/supervisor/sandbox.h"
#include "core/config/settings.h"
#include "core/file/file.h"

namespace chieng::agent {

struct ChildContext {
  const Settings& settings;
  ChildKind kind = ChildKind::packets;
  pid_t supervisor = 0;
  std::optional<SystemUser> user;  // nothing: one user for all
  UniqueFd control;                // reports up; for the shipper the others' reports down
  UniqueFd ack_packets,
      ack_logs;  // the writer's ends for the producers, the sender's for the shipper
};

// Signals of the process, set by handlers: one child a process, so one set of flags.
struct ChildSignals {
  static std::atomic<bool> stop, reload;
  static void install();  // SIGTERM, SIGINT: stop; SIGHUP: reload; SIGPIPE ignored
};

// Sends reports at most each second, more often only when forced.
class Reporter {
 public:
  Reporter(int fd, ChildKind kind) : fd_(fd) { report.kind = kind; }
  ChildReport report;
  [[nodiscard]] bool due() const { return std::chrono::steady_clock::now() >= next_; }
  void send();

 private:
  int fd_;
  std::chrono::steady_clock::time_point next_{};
};

// The folders that a program needs beside its own: libraries, names, time zones, the kernel's
// views.
[[nodiscard]] std::vector<std::filesystem::path> system_folders();

// Exit status of a child that wants to be started again at once, with what it reads at its start.
inline constexpr int kStartAgain = 75;

// Run to the end of the process; the result is its exit status.
[[nodiscard]] int packets_child(ChildContext context);
[[nodiscard]] int logs_child(ChildContext context);
[[nodiscard]] int shipper_child(ChildContext context);

}  // namespace chieng::agent
