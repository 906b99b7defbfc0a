#include "transport/listener/listener.h"

#include "transport/listener/listener_thread.h"

namespace chieng {

std::string_view to_string(AgentDownReason reason) {
  switch (reason) {
    case AgentDownReason::bye:
      return "bye";
    case AgentDownReason::silent:
      return "silent";
    case AgentDownReason::superseded:
      return "superseded";
    case AgentDownReason::revoked:
      return "revoked";
    case AgentDownReason::protocol:
      return "protocol";
    case AgentDownReason::stopped:
      return "stopped";
  }
  return "stopped";
}

struct Listener::Impl {
  Impl(ListenerSettings s, KeyDirectory& d, IngestHandler& h) : work(std::move(s), d, h) {}
  ListenerThread work;
  std::thread thread;
};

Listener::Listener(ListenerSettings settings, KeyDirectory& directory, IngestHandler& handler)
    : impl_(std::make_unique<Impl>(std::move(settings), directory, handler)) {}
Listener::~Listener() {
  stop();
}

Status Listener::start() {
  if (impl_->thread.joinable())
    return fail(ErrorCode::internal, "the listener was started already");
  CHIENG_CHECK(impl_->work.open());
  impl_->thread = std::thread([this] { impl_->work.run(); });
  return {};
}

void Listener::stop() {
  if (!impl_->thread.joinable()) return;
  impl_->work.ask_to_stop();
  impl_->thread.join();
}

std::vector<std::string> Listener::endpoints() const {
  return impl_->work.endpoints();
}
ListenerStats Listener::stats() const {
  return impl_->work.stats();
}

}  // namespace chieng
