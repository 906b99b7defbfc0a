#include "transport/listener/listener_thread.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

#include "core/time/timestamp.h"

namespace chieng {
namespace {

constexpr auto kTick = std::chrono::milliseconds(100);
constexpr int kFramesAtOnce = 256;  // then the store's answers and ZAP get their turn
constexpr const char* kZapDomain = "agents";
constexpr int kMaxSockets = 16'000;

}  // namespace

DoneInbox::DoneInbox() : event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

void DoneInbox::put(const BatchDone& done) {
  {
    const std::lock_guard lock(mutex_);
    items_.push_back(done);
  }
  wake();
}

void DoneInbox::wake() {
  const std::uint64_t one = 1;
  // The counter can only be full when the reader has been woken already.
  [[maybe_unused]] const ssize_t n = ::write(event_.get(), &one, sizeof one);
}

std::vector<BatchDone> DoneInbox::take() {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t n = ::read(event_.get(), &count, sizeof count);
  const std::lock_guard lock(mutex_);
  return std::exchange(items_, {});
}

ListenerThread::ListenerThread(ListenerSettings settings, KeyDirectory& directory,
                               IngestHandler& handler)
    : settings_(std::move(settings)),
      directory_(directory),
      handler_(handler),
      keys_(directory.snapshot()),
      inbox_(std::make_shared<DoneInbox>()),
      sink_([inbox = inbox_](const BatchDone& done) { inbox->put(done); }),
      // Growing over restarts: the clock's seconds above, the sessions of this run below.
      last_session_(static_cast<std::uint64_t>(now().seconds()) << 24) {
  zmq_ctx_set(context_.handle(), ZMQ_MAX_SOCKETS, kMaxSockets);
}

ListenerThread::~ListenerThread() = default;

Status ListenerThread::open() {
  if (inbox_->fd() < 0) return fail(ErrorCode::io, "cannot make an eventfd");
  try {
    zap_.emplace(context_,
                 [this](const PublicKey& key) { return directory_.find(key).has_value(); });
    RouterOptions options;
    options.keys = &settings_.keys;
    options.zap_domain = kZapDomain;
    options.max_frame = kMaxFrameAtServer;
    options.handshake_ms = static_cast<int>(settings_.handshake_within.count());
    {
      zmq::socket_t trial = make_router(context_, options);
      CHIENG_TRY(const auto bound, bind_all(trial, {"tcp://127.0.0.1:*"}));
      CHIENG_CHECK(prove_that_strangers_are_refused(*zap_, bound[0], settings_.keys.public_key));
    }
    router_ = make_router(context_, options);
  } catch (const zmq::error_t& error) {
    return fail(ErrorCode::io, std::string("ZeroMQ: ") + error.what());
  }
  CHIENG_TRY(endpoints_, bind_all(router_, settings_.endpoints));
  return {};
}

void ListenerThread::ask_to_stop() {
  stopping_ = true;
  inbox_->wake();
}

ListenerStats ListenerThread::stats() const {
  const std::lock_guard lock(published_mutex_);
  return published_;
}

void ListenerThread::publish_stats() {
  stats_.keys_accepted = zap_->accepted();
  stats_.keys_refused = zap_->refused() - 1;  // our own stranger
  stats_.sessions = sessions_.size();
  stats_.bytes_waiting = bytes_waiting_;
  const std::lock_guard lock(published_mutex_);
  published_ = stats_;
}

void ListenerThread::run() {
  auto next_tick = Clock::now();
  while (!stopping_) {
    zmq::pollitem_t items[] = {{router_.handle(), 0, ZMQ_POLLIN, 0},
                               {zap_->socket().handle(), 0, ZMQ_POLLIN, 0},
                               {nullptr, inbox_->fd(), ZMQ_POLLIN, 0}};
    try {
      zmq::poll(items, std::size(items), kTick);
    } catch (const zmq::error_t& error) {
      if (error.num() != EINTR) throw;
      continue;
    }
    keys_ = directory_.snapshot();
    zap_->serve();
    take_done();
    read_frames();
    if (Clock::now() >= next_tick) {
      tick();
      next_tick = Clock::now() + kTick;
    }
    publish_stats();
  }
  while (!sessions_.empty()) {
    const std::string route = sessions_.begin()->first;
    refuse(route, SessionError::closing, "the server is stopping");
    end_session(route, AgentDownReason::stopped);
  }
  publish_stats();
}

void ListenerThread::read_frames() {
  for (int i = 0; i < kFramesAtOnce; ++i) {
    zmq::message_t route, payload, extra;
    if (!router_.recv(route, zmq::recv_flags::dontwait)) return;
    if (!route.more() || !router_.recv(payload, zmq::recv_flags::dontwait)) continue;
    bool more = payload.more();
    const bool too_many = more;
    while (more && router_.recv(extra, zmq::recv_flags::dontwait)) more = extra.more();
    ++stats_.frames;
    stats_.bytes += payload.size();
    const std::string from = route.to_string();
    if (!too_many)
      on_message(from, payload);
    else if (const auto key = key_of(payload))
      protocol_error(from, *key, "a message has one part");
  }
}

void ListenerThread::on_message(const std::string& route, zmq::message_t& payload) {
  const auto key = key_of(payload);
  const auto known = key ? keys_->find(*key) : keys_->end();
  if (known == keys_->end()) {
    ++stats_.revoked;
    refuse(route, SessionError::revoked, "this key is not enrolled, or no longer");
    end_session(route, AgentDownReason::revoked);
    return;
  }
  auto frame = decode_frame({static_cast<const std::byte*>(payload.data()), payload.size()});
  if (!frame) return protocol_error(route, *key, frame.error().text);
  if (frame->type == FrameType::hello)
    return on_hello(route, *key, known->second, *frame, address_of(payload));
  const auto session = sessions_.find(route);
  if (session == sessions_.end()) {
    ++stats_.without_session;
    return refuse(route, SessionError::closing, "no session: say HELLO again");
  }
  if (frame->session != session->second.number) {
    ++stats_.old_session;
    return;
  }
  session->second.heard = Clock::now();
  on_frame(session->second, *frame, payload.size());
}

void ListenerThread::on_frame(Session& session, Frame& frame, std::size_t wire_bytes) {
  switch (frame.type) {
    case FrameType::data:
      return on_data(session, frame, wire_bytes);
    case FrameType::gap:
      return on_gap(session, frame, wire_bytes);
    case FrameType::beat:
      return on_beat(session, frame);
    case FrameType::bye:
    case FrameType::error:
      return end_session(std::string(session.route), AgentDownReason::bye);
    case FrameType::hello:
    case FrameType::welcome:
    case FrameType::ack:
    case FrameType::nack:
    case FrameType::enroll:
    case FrameType::enrolled:
    case FrameType::refused:
      break;
  }
  protocol_error(std::string(session.route), session.key,
                 "an agent does not send this type of frame");
}

void ListenerThread::take_done() {
  std::vector<StreamId> touched;
  for (const BatchDone& done : inbox_->take()) {
    const auto found = streams_.find(done.stream);
    if (found == streams_.end()) continue;
    IngestStream& stream = found->second;
    bytes_waiting_ -= stream.done(done);
    if (!done.stored) {
      ++stats_.store_failures;
      stream.starve(Clock::now() + std::chrono::seconds(1));
    }
    if (std::ranges::find(touched, done.stream) == touched.end()) touched.push_back(done.stream);
  }
  for (const StreamId& id : touched) {
    acknowledge(id, false);
    if (!routes_.contains(id.agent) && streams_[id].idle()) streams_.erase(id);
  }
}

void ListenerThread::tick() {
  const auto time = Clock::now();
  check_keys();
  std::vector<std::string> silent;
  for (const auto& [route, session] : sessions_)
    if (time - session.heard > settings_.dead_after) silent.push_back(route);
  for (const std::string& route : silent) end_session(route, AgentDownReason::silent);
  for (auto& [id, stream] : streams_) {
    if (stream.owes(false)) acknowledge(id, false);
    if (stream.feed(time) || stream.owes(true)) acknowledge(id, true);
  }
  std::erase_if(penalties_, [&](const auto& entry) { return entry.second < time; });
}

// Revocation also ends sessions that say nothing.
void ListenerThread::check_keys() {
  std::vector<std::string> gone;
  for (const auto& [route, session] : sessions_) {
    const auto known = keys_->find(session.key);
    if (known == keys_->end() || known->second.agent != session.agent.agent) gone.push_back(route);
  }
  for (const std::string& route : gone) {
    ++stats_.revoked;
    refuse(route, SessionError::revoked, "this key is not enrolled any more");
    end_session(route, AgentDownReason::revoked);
  }
}

std::uint32_t ListenerThread::credit(const IngestStream& stream) const {
  if (stream.starved() || bytes_waiting_ >= settings_.memory_bytes) return 0;
  return bytes_waiting_ * 2 < settings_.memory_bytes ? settings_.lane_credit
                                                     : settings_.lane_credit / 8 + 1;
}

void ListenerThread::acknowledge(const StreamId& id, bool nack) {
  const auto route = routes_.find(id.agent);
  if (route == routes_.end()) return;
  const Session& session = sessions_.at(route->second);
  const auto spool = std::ranges::find_if(session.spools, [&](const HelloSpool& s) {
    return s.spool == id.spool && s.epoch == id.epoch;
  });
  if (spool == session.spools.end()) return;
  IngestStream& stream = streams_[id];
  Frame frame;
  frame.type = nack ? FrameType::nack : FrameType::ack;
  frame.session = session.number;
  frame.lane = id.lane;
  frame.epoch = id.epoch;
  frame.spool = static_cast<std::uint16_t>(spool - session.spools.begin());
  frame.sequence = nack ? stream.expected() : stream.committed();
  const std::uint32_t granted = credit(stream);
  // Whoever gets no credit is told later; nothing else would wake it.
  if (granted == 0 && !stream.starved()) stream.starve(Clock::now() + 2 * kTick);
  frame.body = encode_credit(granted);
  if (nack) {
    stream.nacked();
    ++stats_.nacks;
  }
  stream.owe(nack, !send(session.route, frame));
}

// False: the peer's queue is full (or the peer is gone, and its session ends by silence or by its
// next HELLO). Beats and errors are not missed then; acknowledgements are, see IngestStream::owe.
bool ListenerThread::send(const std::string& route, const Frame& frame) {
  const std::string bytes = encode_frame(frame);
  try {
    return router_.send(zmq::buffer(route), zmq::send_flags::sndmore | zmq::send_flags::dontwait) &&
           router_.send(zmq::buffer(bytes), zmq::send_flags::dontwait);
  } catch (const zmq::error_t&) {
    return false;  // EHOSTUNREACH
  }
}

void ListenerThread::refuse(const std::string& route, SessionError code, std::string_view text) {
  Frame frame;
  frame.type = FrameType::error;
  frame.body = encode_error(static_cast<std::uint16_t>(code), text);
  send(route, frame);
}

void ListenerThread::protocol_error(const std::string& route, const PublicKey& key,
                                    std::string_view what) {
  ++stats_.malformed;
  penalties_[key] = Clock::now() + settings_.penalty;
  refuse(route, SessionError::protocol, what);
  end_session(route, AgentDownReason::protocol);
}

void ListenerThread::end_session(const std::string& route, AgentDownReason reason) {
  const auto found = sessions_.find(route);
  if (found == sessions_.end()) return;
  const Uuid agent = found->second.agent.agent;
  sessions_.erase(found);
  routes_.erase(agent);
  std::erase_if(streams_, [&](const auto& entry) {
    return entry.first.agent == agent && entry.second.idle();
  });
  handler_.on_down(agent, reason);
}

}  // namespace chieng
