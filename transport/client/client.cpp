#include "transport/client/client.h"

#include <algorithm>
#include <mutex>
#include <random>
#include <thread>

#include "transport/client/session.h"

namespace chieng {

std::string_view to_string(ClientState state) {
  switch (state) {
    case ClientState::idle:
      return "idle";
    case ClientState::connecting:
      return "connecting";
    case ClientState::connected:
      return "connected";
    case ClientState::waiting:
      return "waiting";
    case ClientState::refused:
      return "refused";
    case ClientState::stopped:
      return "stopped";
  }
  return "stopped";
}

struct Client::Impl {
  explicit Impl(ClientSettings s) : settings(std::move(s)), spools(settings.spools.size()) {
    for (std::size_t i = 0; i < spools.size(); ++i) spools[i].settings = &settings.spools[i];
  }

  Status check() const;
  void open_spools();
  [[nodiscard]] std::vector<OpenSpool*> opened();
  // True: a spool has appeared, or was made anew. Looks at most every two seconds.
  bool another_spool();
  [[nodiscard]] std::chrono::milliseconds pause_after(const SessionEnd& end);
  void pause(std::chrono::milliseconds time, const std::atomic<bool>& stop) const;
  void publish() {
    const std::lock_guard lock(mutex);
    published = status;
  }

  ClientSettings settings;
  std::vector<OpenSpool> spools;
  Uuid boot = Uuid::random();
  zmq::context_t context;
  std::mt19937 random{std::random_device{}()};
  unsigned failures = 0;
  ClientSession::Clock::time_point next_look;
  ClientStatus status;  // the client's thread
  mutable std::mutex mutex;
  ClientStatus published;
};

Status Client::Impl::check() const {
  CHIENG_CHECK(check_endpoint(settings.endpoint));
  if (!settings.agent.is_set())
    return fail(ErrorCode::invalid_argument, "the agent has no id; enroll it first");
  if (settings.spools.size() > kMaxSpools)
    return fail(ErrorCode::invalid_argument, "at most " + std::to_string(kMaxSpools) +
                                                 " spools can be sent, not " +
                                                 std::to_string(settings.spools.size()));
  if (settings.batch_bytes < 1024 || settings.batch_bytes > 131'072)
    return fail(ErrorCode::invalid_argument,
                "a batch has 1024 to 131072 bytes, not " + std::to_string(settings.batch_bytes));
  return {};
}

void Client::Impl::open_spools() {
  for (OpenSpool& spool : spools) {
    if (spool.reader) continue;
    if (auto reader = SpoolReader::open(spool.settings->folder))
      spool.reader = std::move(*reader);
    else if (reader.error().code != ErrorCode::unavailable)
      status.problem = reader.error().message();
  }
}

std::vector<OpenSpool*> Client::Impl::opened() {
  std::vector<OpenSpool*> out;
  for (OpenSpool& spool : spools)
    if (spool.reader) out.push_back(&spool);
  return out;
}

bool Client::Impl::another_spool() {
  const auto time = ClientSession::Clock::now();
  if (time < next_look) return false;
  next_look = time + std::chrono::seconds(2);
  bool changed = false;
  for (OpenSpool& spool : spools) {
    if (!spool.reader) continue;
    const auto replaced = spool.reader->replaced();
    if (!replaced || !*replaced) continue;
    spool.reader.reset();
    changed = true;
  }
  if (changed) return true;
  const std::size_t before = opened().size();
  open_spools();
  return opened().size() != before;
}

// Full jitter: a server that comes back is not met by all agents at once.
std::chrono::milliseconds Client::Impl::pause_after(const SessionEnd& end) {
  if (end.was_welcome) failures = 0;
  std::int64_t most = settings.back_off_most.count(), least = settings.back_off_first.count() / 4;
  if (end.kind == SessionEnd::Kind::refused) {
    most = settings.back_off_refused.count();
    least = most / 4;
  }
  const std::int64_t grown = settings.back_off_first.count() << std::min(failures, 20U);
  const std::int64_t top = end.kind == SessionEnd::Kind::refused ? most : std::min(most, grown);
  ++failures;
  std::uniform_int_distribution<std::int64_t> pick(std::min(least, top), top);
  return std::chrono::milliseconds(pick(random));
}

void Client::Impl::pause(std::chrono::milliseconds time, const std::atomic<bool>& stop) const {
  const auto until = ClientSession::Clock::now() + time;
  while (!stop && ClientSession::Clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

Client::Client(ClientSettings settings) : impl_(std::make_unique<Impl>(std::move(settings))) {}
Client::~Client() = default;

Status Client::run(const std::atomic<bool>& stop) {
  Impl& c = *impl_;
  CHIENG_CHECK(c.check());
  while (!stop) {
    c.open_spools();
    c.status.state = ClientState::connecting;
    c.publish();
    SessionEnd end;
    try {
      ClientSession session(c.context, c.settings, c.opened(), c.boot, c.status,
                            [&] { c.publish(); });
      end = session.run(stop, [&] { return c.another_spool(); });
    } catch (const zmq::error_t& error) {
      if (error.num() == EINTR) continue;  // a signal; stop says whether it was for us
      end = {SessionEnd::Kind::trouble, false, std::string("ZeroMQ: ") + error.what()};
    }
    if (stop || end.kind == SessionEnd::Kind::again) continue;
    c.status.state =
        end.kind == SessionEnd::Kind::refused ? ClientState::refused : ClientState::waiting;
    c.status.problem = end.why;
    c.publish();
    c.pause(c.pause_after(end), stop);
  }
  c.status.state = ClientState::stopped;
  c.publish();
  return {};
}

ClientStatus Client::status() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->published;
}

}  // namespace chieng
