// The server's side of enrolments.
#include <atomic>
#include <map>
#include <thread>

#include "transport/enroll/enroll.h"
#include "transport/enroll/enroll_message.h"
#include "transport/message/frame.h"
#include "transport/message/messages.h"
#include "transport/socket/socket.h"

namespace chieng {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kMaxAddresses =
    4096;  // beyond it, unknown addresses wait for the next minute
constexpr std::size_t kMaxEnrollFrame = 16'384;

// Attempts of the current minute, by source address and in total.
class AttemptLimit {
 public:
  AttemptLimit(unsigned address, unsigned total) : most_address_(address), most_total_(total) {}
  bool allow(const std::string& address) {
    if (const auto time = Clock::now(); time - started_ > std::chrono::minutes(1)) {
      started_ = time;
      counts_.clear();
      total_ = 0;
    }
    if (total_ >= most_total_ || (counts_.size() >= kMaxAddresses && !counts_.contains(address)))
      return false;
    if (counts_[address] >= most_address_) return false;
    ++counts_[address];
    ++total_;
    return true;
  }

 private:
  const unsigned most_address_, most_total_;
  Clock::time_point started_ = Clock::now();
  std::map<std::string, unsigned> counts_;
  unsigned total_ = 0;
};

}  // namespace

struct EnrollListener::Impl {
  Impl(EnrollListenerSettings s, EnrollHandler& h)
      : settings(std::move(s)),
        handler(h),
        limit(settings.attempts_per_minute_address, settings.attempts_per_minute) {}

  Status open();
  void run();
  void read_one();
  Frame answer(zmq::message_t& payload);

  const EnrollListenerSettings settings;
  EnrollHandler& handler;
  AttemptLimit limit;
  zmq::context_t context;
  std::optional<ZapHandler> zap;
  zmq::socket_t router;
  std::vector<std::string> endpoints;
  std::atomic<bool> stopping{false};
  std::thread thread;
};

Status EnrollListener::Impl::open() {
  try {
    // Anybody may connect; the handler is there because only with one does libzmq tell us whose key
    // it is.
    zap.emplace(context, [](const PublicKey&) { return true; });
    RouterOptions options;
    options.keys = &settings.keys;
    options.zap_domain = "enrolment";
    options.max_frame = kMaxEnrollFrame;
    router = make_router(context, options);
  } catch (const zmq::error_t& error) {
    return fail(ErrorCode::io, std::string("ZeroMQ: ") + error.what());
  }
  CHIENG_TRY(endpoints, bind_all(router, settings.endpoints));
  return {};
}

void EnrollListener::Impl::run() {
  while (!stopping) {
    zmq::pollitem_t items[] = {{router.handle(), 0, ZMQ_POLLIN, 0},
                               {zap->socket().handle(), 0, ZMQ_POLLIN, 0}};
    try {
      zmq::poll(items, 2, std::chrono::milliseconds(50));
      zap->serve();
      read_one();
    } catch (const zmq::error_t&) {
      // A signal, or a peer that went away before its answer: the next one has its turn.
    }
  }
}

void EnrollListener::Impl::read_one() {
  zmq::message_t route, payload, rest;
  if (!router.recv(route, zmq::recv_flags::dontwait)) return;
  if (!route.more() || !router.recv(payload, zmq::recv_flags::dontwait)) return;
  for (bool more = payload.more(); more && router.recv(rest, zmq::recv_flags::dontwait);)
    more = rest.more();
  const std::string bytes = encode_frame(answer(payload));
  (void)router.send(route, zmq::send_flags::sndmore | zmq::send_flags::dontwait);
  (void)router.send(zmq::buffer(bytes), zmq::send_flags::dontwait);
}

Frame EnrollListener::Impl::answer(zmq::message_t& payload) {
  Frame out;
  const auto refuse = [&](EnrollRefusal why) {
    out.type = FrameType::refused;
    out.body = encode_error(static_cast<std::uint16_t>(why), to_string(why));
    return out;
  };
  const std::string address = address_of(payload);
  if (!limit.allow(address)) return refuse(EnrollRefusal::too_many);
  const auto key = key_of(payload);
  const auto frame = decode_frame({static_cast<const std::byte*>(payload.data()), payload.size()});
  if (!key || !frame || frame->type != FrameType::enroll) return refuse(EnrollRefusal::malformed);
  const auto request = decode_enroll(as_bytes(frame->body));
  if (!request) return refuse(EnrollRefusal::malformed);
  const std::string proof = enroll_proof(request->secret, request->key, request->name);
  if (request->key != *key || !equal_constant_time(as_bytes(proof), as_bytes(request->proof)))
    return refuse(EnrollRefusal::wrong_proof);
  const auto reply = handler.redeem(
      {token_hash(request->secret), request->key, request->name, request->host_facts, address});
  if (!reply) return refuse(reply.error());
  out.type = FrameType::enrolled;
  out.body = encode_enrolled(*reply);
  return out;
}

EnrollListener::EnrollListener(EnrollListenerSettings settings, EnrollHandler& handler)
    : impl_(std::make_unique<Impl>(std::move(settings), handler)) {}
EnrollListener::~EnrollListener() {
  stop();
}

Status EnrollListener::start() {
  if (impl_->thread.joinable())
    return fail(ErrorCode::internal, "the enrolment listener was started already");
  CHIENG_CHECK(impl_->open());
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
  return {};
}

void EnrollListener::stop() {
  impl_->stopping = true;
  if (impl_->thread.joinable()) impl_->thread.join();
}

std::vector<std::string> EnrollListener::endpoints() const {
  return impl_->endpoints;
}

}  // namespace chieng
