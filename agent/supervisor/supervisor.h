// Starts the agent's children, keeps them alive, tells systemd and the status file how they are. It
// reads no outside input: settings once at the start, fixed-size reports from the children.
#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <optional>

#include "agent/supervisor/child.h"
#include "agent/supervisor/paths.h"
#include "transport/spool/ack_channel.h"

namespace chieng::agent {

// One thread, for the life of `run`. settings has to outlive it.
class Supervisor {
 public:
  explicit Supervisor(const Settings& settings) : settings_(settings), paths_(paths(settings)) {}
  // Until SIGTERM or SIGINT. The result is the exit status.
  [[nodiscard]] int run();

 private:
  using Clock = std::chrono::steady_clock;
  struct Child {
    ChildKind kind = ChildKind::packets;
    bool wanted = false;
    std::optional<SystemUser> user;
    pid_t pid = 0;
    UniqueFd control;
    ChildReport report;
    unsigned restarts = 0, failures = 0;  // failures: in a row, for the pause
    Clock::time_point started{}, next_start{};
  };

  void find_users();
  void find_log_groups(SystemUser& user) const;
  [[nodiscard]] Status make_folders();
  [[nodiscard]] Status take_folder();
  [[nodiscard]] Status make_channels();
  void start(Child& child);
  [[noreturn]] void become(Child& child, UniqueFd control, pid_t supervisor);
  void reap();
  void ended(Child& child, int status);
  void read_reports();
  void pass_on(const ChildReport& report);
  void write_status(std::string_view state);
  void tell_systemd();
  void signal_children(int signal, bool shipper);
  void stop_children();
  void wait_for(bool shipper, std::chrono::seconds patience);

  const Settings& settings_;
  const Paths paths_;
  std::array<Child, kChildKinds> children_;
  std::optional<AckChannel> packets_acks_, logs_acks_;
  UniqueFd lock_;  // of agent.folder: one agent a folder
  bool told_ready_ = false;
  bool status_failed_ = false;  // told already
  Clock::time_point next_status_{};
};

}  // namespace chieng::agent
