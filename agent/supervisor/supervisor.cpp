#include "agent/supervisor/supervisor.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "agent/supervisor/status_file.h"
#include "core/file/file.h"

namespace chieng::agent {
namespace {

namespace fs = std::filesystem;

constexpr auto kStatusEvery = std::chrono::seconds(2);
constexpr auto kHealthyAfter = std::chrono::seconds(60);
constexpr auto kProducersStop = std::chrono::seconds(30);
constexpr auto kShipperStop = std::chrono::seconds(10);

std::string_view user_setting(ChildKind kind) {
  switch (kind) {
    case ChildKind::packets:
      return "users.packets";
    case ChildKind::logs:
      return "users.logs";
    case ChildKind::shipper:
      return "users.shipper";
  }
  return "users.packets";
}

// The folder with this owner and mode, whether it was there or not.
Status make_folder(const fs::path& path, const SystemUser* owner, mode_t mode) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error)
    return fail(ErrorCode::io, "cannot make the folder " + path.string() + ": " + error.message());
  if (chmod(path.c_str(), mode) != 0)
    return fail_errno("cannot set the mode of " + path.string(), errno);
  if (owner != nullptr && chown(path.c_str(), owner->uid, owner->shared_gid) != 0)
    return fail_errno("cannot give " + path.string() + " to its user", errno);
  return {};
}

// What enrolment or an earlier run wrote as another user now belongs to the child. A file with a
// second name is left alone: the other name may stand in a folder that is not the child's.
Status give_files(const fs::path& folder, uid_t uid, gid_t gid) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    struct stat facts{};
    if (lstat(entry.path().c_str(), &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_nlink != 1)
      continue;
    if (facts.st_uid != uid && lchown(entry.path().c_str(), uid, gid) != 0)
      return fail_errno("cannot give " + entry.path().string() + " to its user", errno);
  }
  return {};
}

UniqueFd duplicate(int fd) {
  return UniqueFd(fcntl(fd, F_DUPFD_CLOEXEC, 3));
}

}  // namespace

void Supervisor::find_users() {
  for (std::size_t i = 0; i < kChildKinds; ++i) children_[i].kind = static_cast<ChildKind>(i);
  children_[0].wanted = !settings_.texts("capture.interfaces").empty();
  children_[1].wanted = settings_.tree("logs.files") != nullptr;
  children_[2].wanted = true;
  if (geteuid() != 0) {
    spdlog::warn(
        "not started as root: all processes run as user {} and can read each other's memory",
        geteuid());
    return;
  }
  for (Child& child : children_) {
    auto user = find_user(settings_.text(user_setting(child.kind)), settings_.text("users.group"));
    if (user) {
      child.user = std::move(*user);
      if (child.kind == ChildKind::logs) find_log_groups(*child.user);
      continue;
    }
    spdlog::warn(
        "{}: all processes run as root, with the fewest capabilities; make the users of the "
        "package to keep "
        "them apart",
        user.error().message());
    for (Child& other : children_) other.user.reset();
    return;
  }
}

void Supervisor::find_log_groups(SystemUser& user) const {
  for (const std::string& name : settings_.texts("users.logs_groups")) {
    const auto group = find_group(name);
    if (group)
      user.more_groups.push_back(*group);
    else
      spdlog::warn("users.logs_groups: {}", group.error().message());
  }
}

// Two agents would read the same lines and write the same spools.
Status Supervisor::take_folder() {
  const fs::path path = paths_.folder / "lock";
  lock_.reset(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock_) return fail_errno("cannot open " + path.string(), errno);
  if (flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    const auto owner = read_file(path, 64);
    return fail(ErrorCode::exists,
                "another agent" +
                    (owner && !owner->empty() ? " (process " + *owner + ")" : std::string()) +
                    " already runs on " + paths_.folder.string() +
                    "; stop it, or give this one an agent.folder of its own");
  }
  const std::string pid = std::to_string(getpid());
  if (ftruncate(lock_.get(), 0) != 0 || pwrite(lock_.get(), pid.data(), pid.size(), 0) < 0)
    spdlog::debug("{} does not tell who holds it", path.string());
  return {};
}

Status Supervisor::make_folders() {
  const auto owner = [&](ChildKind kind) -> const SystemUser* {
    const auto& user = children_[static_cast<std::size_t>(kind)].user;
    return user ? &*user : nullptr;
  };
  // Everybody passes through the outer folders; what they hold is closed by its own mode.
  CHIENG_CHECK(make_folder(paths_.folder, nullptr, 0755));
  CHIENG_CHECK(take_folder());
  CHIENG_CHECK(make_folder(paths_.spool, nullptr, 0755));
  CHIENG_CHECK(make_folder(paths_.packets_spool, owner(ChildKind::packets), 0750));
  CHIENG_CHECK(make_folder(paths_.logs_spool, owner(ChildKind::logs), 0750));
  // Without a folder around it there is no service manager that made it: nothing is kept then.
  if (std::error_code error; fs::is_directory(paths_.rule_cache.parent_path(), error))
    if (const Status made = make_folder(paths_.rule_cache, owner(ChildKind::packets), 0700); !made)
      spdlog::warn("compiled rules are not kept: {}", made.error().message());
  CHIENG_CHECK(make_folder(paths_.keys, owner(ChildKind::shipper), 0700));
  if (const SystemUser* user = owner(ChildKind::packets))
    CHIENG_CHECK(give_files(paths_.packets_spool, user->uid, user->shared_gid));
  if (const SystemUser* user = owner(ChildKind::logs))
    CHIENG_CHECK(give_files(paths_.logs_spool, user->uid, user->shared_gid));
  if (const SystemUser* user = owner(ChildKind::shipper))
    CHIENG_CHECK(give_files(paths_.keys, user->uid, user->gid));
  return {};
}

Status Supervisor::make_channels() {
  CHIENG_TRY(AckChannel packets, AckChannel::make());
  packets_acks_.emplace(std::move(packets));
  CHIENG_TRY(AckChannel logs, AckChannel::make());
  logs_acks_.emplace(std::move(logs));
  return {};
}

void Supervisor::become(Child& child, UniqueFd control, pid_t supervisor) {
  const std::string name = "chieng-" + std::string(to_string(child.kind));
  (void)prctl(PR_SET_NAME, name.c_str());
  ChildSignals::install();
  unsetenv("NOTIFY_SOCKET");
  ChildContext context{.settings = settings_,
                       .kind = child.kind,
                       .supervisor = supervisor,
                       .user = child.user,
                       .control = std::move(control),
                       .ack_packets = {},
                       .ack_logs = {}};
  // The ends of the others are closed: a producer must not speak for the shipper.
  for (Child& other : children_) other.control.reset();
  lock_.reset();
  const bool ships = child.kind == ChildKind::shipper;
  if (ships || child.kind == ChildKind::packets)
    context.ack_packets =
        duplicate(ships ? packets_acks_->sender.fd() : packets_acks_->receiver.fd());
  if (ships || child.kind == ChildKind::logs)
    context.ack_logs = duplicate(ships ? logs_acks_->sender.fd() : logs_acks_->receiver.fd());
  packets_acks_.reset();
  logs_acks_.reset();
  int status = 1;
  switch (child.kind) {
    case ChildKind::packets:
      status = packets_child(std::move(context));
      break;
    case ChildKind::logs:
      status = logs_child(std::move(context));
      break;
    case ChildKind::shipper:
      status = shipper_child(std::move(context));
      break;
  }
  spdlog::default_logger()->flush();
  // Not exit(): the parent's atexit handlers are not ours.
  _exit(status);
}

void Supervisor::start(Child& child) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
    spdlog::error("cannot start {}: {}", to_string(child.kind),
                  std::system_category().message(errno));
    child.next_start = Clock::now() + std::chrono::seconds(5);
    return;
  }
  UniqueFd ours(pair[0]), theirs(pair[1]);
  const pid_t supervisor = getpid();
  spdlog::default_logger()->flush();
  const pid_t pid = fork();
  if (pid == 0) become(child, std::move(theirs), supervisor);
  if (pid < 0) {
    spdlog::error("cannot start {}: {}", to_string(child.kind),
                  std::system_category().message(errno));
    child.next_start = Clock::now() + std::chrono::seconds(5);
    return;
  }
  child.pid = pid;
  child.control = std::move(ours);
  child.started = Clock::now();
  child.report = {};
  child.report.kind = child.kind;
  spdlog::info("{} started as process {}", to_string(child.kind), pid);
}

void Supervisor::reap() {
  int status = 0;
  while (const pid_t pid = waitpid(-1, &status, WNOHANG)) {
    if (pid < 0) break;
    const auto at = std::ranges::find(children_, pid, &Child::pid);
    if (at == children_.end()) continue;
    at->pid = 0;
    at->control.reset();
    if (!ChildSignals::stop) ended(*at, status);
  }
}

void Supervisor::ended(Child& child, int status) {
  ++child.restarts;
  if (WIFEXITED(status) && WEXITSTATUS(status) == kStartAgain) {
    child.failures = 0;
    child.next_start = Clock::now();
    return;
  }
  child.failures = Clock::now() - child.started > kHealthyAfter ? 1 : child.failures + 1;
  const auto pause = std::chrono::milliseconds(500) * (1U << std::min(child.failures, 7U));
  child.next_start = Clock::now() + pause;
  const std::string how = WIFSIGNALED(status)
                              ? "was ended by signal " + std::to_string(WTERMSIG(status))
                              : "ended with status " + std::to_string(WEXITSTATUS(status));
  spdlog::error("{} {}; starting again in {} ms", to_string(child.kind), how, pause.count());
}

void Supervisor::pass_on(const ChildReport& report) {
  const Child& shipper = children_[static_cast<std::size_t>(ChildKind::shipper)];
  if (shipper.control)
    (void)send(shipper.control.get(), &report, sizeof report, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void Supervisor::read_reports() {
  for (Child& child : children_) {
    ChildReport report;
    while (child.control && recv(child.control.get(), &report, sizeof report, MSG_DONTWAIT) ==
                                static_cast<ssize_t>(sizeof report)) {
      if (report.magic != ChildReport::kMagic) continue;
      report.kind = child.kind;  // a child speaks for itself only
      child.report = report;
      if (child.kind != ChildKind::shipper) pass_on(report);
    }
  }
}

void Supervisor::write_status(std::string_view state) {
  next_status_ = Clock::now() + kStatusEvery;
  StatusFacts facts{.state = state, .pid = getpid(), .children = {}};
  for (const Child& child : children_)
    if (child.wanted) facts.children.push_back({child.report, child.pid, child.restarts});
  const Status status = write_status_file(paths_.status_file, facts);
  if (!status && !status_failed_)
    spdlog::warn(
        "the status file cannot be written, so `chieng-agent status` shows an old state: {}",
        status.error().message());
  status_failed_ = !status;
}

void Supervisor::tell_systemd() {
  if (!told_ready_) {
    // Ready means that every child was started; rules may still be loading, which STATUS tells.
    (void)sd_notify(0, "READY=1");
    told_ready_ = true;
  }
  std::string text = "WATCHDOG=1\nSTATUS=";
  for (const Child& child : children_)
    if (child.wanted)
      text += std::string(to_string(child.kind)) + ": " +
              std::string(ChildReport::text(child.report.state)) + "  ";
  (void)sd_notify(0, text.c_str());
}

void Supervisor::signal_children(int signal, bool shipper) {
  for (const Child& child : children_)
    if (child.pid > 0 && (child.kind == ChildKind::shipper) == shipper)
      (void)kill(child.pid, signal);
}

void Supervisor::wait_for(bool shipper, std::chrono::seconds patience) {
  const auto until = Clock::now() + patience;
  const auto alive = [&] {
    return std::ranges::any_of(children_, [&](const Child& c) {
      return c.pid > 0 && (c.kind == ChildKind::shipper) == shipper;
    });
  };
  while (alive() && Clock::now() < until) {
    reap();
    read_reports();
    (void)poll(nullptr, 0, 20);
  }
  if (!alive()) return;
  spdlog::error("a process did not stop within {} s and is killed; what it had not written is lost",
                patience.count());
  signal_children(SIGKILL, shipper);
  while (alive()) {
    reap();
    (void)poll(nullptr, 0, 20);
  }
}

// Producers first, so that what they write last can still be shipped; the rest waits in the spools.
void Supervisor::stop_children() {
  (void)sd_notify(0, "STOPPING=1");
  spdlog::info("stopping");
  signal_children(SIGTERM, false);
  wait_for(false, kProducersStop);
  signal_children(SIGTERM, true);
  wait_for(true, kShipperStop);
}

int Supervisor::run() {
  find_users();
  for (const Status& status : {make_folders(), make_channels()})
    if (!status) {
      spdlog::critical("{}", status.error().message());
      return 1;
    }
  if (!children_[0].wanted && !children_[1].wanted)
    spdlog::warn("neither capture.interfaces nor logs.files is set: there is nothing to watch");
  if (const Status status = drop_supervisor_privileges(); !status)
    spdlog::warn("{}", status.error().message());
  ChildSignals::install();
  while (!ChildSignals::stop) {
    for (Child& child : children_)
      if (child.wanted && child.pid == 0 && Clock::now() >= child.next_start) start(child);
    if (ChildSignals::reload.exchange(false)) {
      spdlog::info("loading the rules again");
      signal_children(SIGHUP, false);
    }
    (void)poll(nullptr, 0, 200);
    reap();
    read_reports();
    if (Clock::now() < next_status_) continue;
    write_status("running");
    tell_systemd();
  }
  stop_children();
  write_status("stopped");
  spdlog::info("stopped");
  return 0;
}

}  // namespace chieng::agent
