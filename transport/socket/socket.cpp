#include "transport/socket/socket.h"

#include <atomic>
#include <chrono>
#include <cstring>

namespace chieng {
namespace {

constexpr int kRouterQueue =
    16;  // frames a peer: larger queues cost memory for each peer that does not read
constexpr int kDealerQueue = 2;  // small, so that an alert does not wait behind bulk
constexpr int kDealerSendBuffer = 32'768;

void set_keepalive(zmq::socket_t& socket) {
  socket.set(zmq::sockopt::tcp_keepalive, 1);
  socket.set(zmq::sockopt::tcp_keepalive_idle, 60);
  socket.set(zmq::sockopt::tcp_keepalive_intvl, 10);
  socket.set(zmq::sockopt::tcp_keepalive_cnt, 3);
}

zmq::const_buffer buffer(const std::array<std::uint8_t, 32>& key) {
  return zmq::buffer(key.data(), key.size());
}

template <class Option>
void set_key(zmq::socket_t& socket, Option option, const std::array<std::uint8_t, 32>& key) {
  socket.set(option, buffer(key));
}

}  // namespace

Status check_endpoint(std::string_view endpoint) {
  const std::size_t colon = endpoint.rfind(':');
  if (!endpoint.starts_with("tcp://") || colon <= 6 || colon + 1 >= endpoint.size() ||
      endpoint.size() > 255)
    return fail(ErrorCode::invalid_argument,
                "an endpoint looks like tcp://host:port, not \"" + std::string(endpoint) + "\"");
  return {};
}

zmq::socket_t make_router(zmq::context_t& context, const RouterOptions& options) {
  zmq::socket_t out(context, zmq::socket_type::router);
  out.set(zmq::sockopt::linger, 0);
  out.set(zmq::sockopt::router_mandatory, 1);
  out.set(zmq::sockopt::router_handover, 0);
  out.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(options.max_frame));
  out.set(zmq::sockopt::sndhwm, kRouterQueue);
  out.set(zmq::sockopt::rcvhwm, kRouterQueue);
  out.set(zmq::sockopt::handshake_ivl, options.handshake_ms);
  out.set(zmq::sockopt::backlog, 512);
  out.set(zmq::sockopt::zap_domain, options.zap_domain);
  out.set(zmq::sockopt::curve_server, 1);
  set_key(out, zmq::sockopt::curve_secretkey, options.keys->secret_key.bytes);
  set_keepalive(out);
  return out;
}

zmq::socket_t make_dealer(zmq::context_t& context, const KeyPair& keys, const PublicKey& server,
                          std::size_t max_frame) {
  zmq::socket_t out(context, zmq::socket_type::dealer);
  out.set(zmq::sockopt::linger, 0);
  out.set(zmq::sockopt::reconnect_ivl, -1);
  out.set(zmq::sockopt::connect_timeout, 10'000);
  out.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(max_frame));
  out.set(zmq::sockopt::sndhwm, kDealerQueue);
  out.set(zmq::sockopt::sndbuf, kDealerSendBuffer);
  out.set(zmq::sockopt::handshake_ivl, 10'000);
  set_key(out, zmq::sockopt::curve_publickey, keys.public_key.bytes);
  set_key(out, zmq::sockopt::curve_secretkey, keys.secret_key.bytes);
  set_key(out, zmq::sockopt::curve_serverkey, server.bytes);
  set_keepalive(out);
  return out;
}

Result<std::vector<std::string>> bind_all(zmq::socket_t& socket,
                                          const std::vector<std::string>& endpoints) {
  std::vector<std::string> out;
  if (endpoints.empty()) return fail(ErrorCode::invalid_argument, "no endpoint to listen on");
  for (const std::string& endpoint : endpoints) {
    CHIENG_CHECK(check_endpoint(endpoint));
    try {
      socket.bind(endpoint);
      out.push_back(socket.get(zmq::sockopt::last_endpoint));
    } catch (const zmq::error_t& error) {
      return fail(error.num() == EADDRINUSE ? ErrorCode::exists : ErrorCode::io,
                  "cannot listen on " + endpoint + ": " + error.what());
    }
  }
  return out;
}

ConnectionMonitor::ConnectionMonitor(zmq::context_t& context, zmq::socket_t& watched)
    : watched_(watched), events_(context, zmq::socket_type::pair) {
  static std::atomic<std::uint64_t> number{0};  // inproc names are the context's; unique is enough
  const std::string name = "inproc://connection-" + std::to_string(++number);
  constexpr int kEvents = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                          ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                          ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_DISCONNECTED |
                          ZMQ_EVENT_CLOSED;
  if (zmq_socket_monitor(watched.handle(), name.c_str(), kEvents) != 0) throw zmq::error_t();
  events_.set(zmq::sockopt::linger, 0);
  events_.connect(name);
}

// The monitor ends before its listening end closes: an event sent to a closed pair would block
// libzmq's I/O thread for ever, and with it every later session of the context.
ConnectionMonitor::~ConnectionMonitor() {
  zmq_socket_monitor(watched_.handle(), nullptr, 0);
}

ConnectionEvent ConnectionMonitor::next() {
  zmq::message_t event, address;
  while (events_.recv(event, zmq::recv_flags::dontwait)) {
    if (event.more()) (void)events_.recv(address, zmq::recv_flags::dontwait);
    std::uint16_t id = 0;
    if (event.size() < sizeof id) continue;
    std::memcpy(&id, event.data(), sizeof id);
    switch (id) {
      case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        return ConnectionEvent::ready;
      case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        return ConnectionEvent::refused;
      case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
      case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
        return ConnectionEvent::failed;
      case ZMQ_EVENT_DISCONNECTED:
      case ZMQ_EVENT_CLOSED:
        return ConnectionEvent::lost;
      default:
        break;
    }
  }
  return ConnectionEvent::none;
}

std::optional<PublicKey> key_of(zmq::message_t& payload) {
  const char* user = zmq_msg_gets(payload.handle(), "User-Id");
  return user == nullptr ? std::nullopt : parse_public_key(user);
}

std::string address_of(zmq::message_t& payload) {
  const char* address = zmq_msg_gets(payload.handle(), "Peer-Address");
  return address == nullptr ? std::string() : std::string(address);
}

ZapHandler::ZapHandler(zmq::context_t& context, Rule allowed)
    : socket_(context, zmq::socket_type::rep), allowed_(std::move(allowed)) {
  socket_.set(zmq::sockopt::linger, 0);
  socket_.bind("inproc://zeromq.zap.01");
}

void ZapHandler::serve() {
  constexpr std::size_t kCredentials = 6, kParts = 7;
  for (;;) {
    std::vector<zmq::message_t> parts;
    for (bool more = true; more;) {
      zmq::message_t part;
      if (!socket_.recv(part, zmq::recv_flags::dontwait)) return;
      more = part.more();
      if (parts.size() <= kParts) parts.push_back(std::move(part));
    }
    PublicKey key;
    const bool curve = parts.size() == kParts && parts[5].to_string_view() == "CURVE" &&
                       parts[kCredentials].size() == key.bytes.size();
    if (curve) std::memcpy(key.bytes.data(), parts[kCredentials].data(), key.bytes.size());
    const bool good = curve && allowed_(key);
    ++(good ? accepted_ : refused_);
    const std::string user = good ? to_z85(key) : std::string();
    const std::string request = parts.size() > 1 ? parts[1].to_string() : std::string();
    const std::string_view answer[] = {
        "1.0", request, good ? "200" : "400", good ? "OK" : "unknown key", user, ""};
    for (std::size_t i = 0; i < std::size(answer); ++i)
      (void)socket_.send(zmq::buffer(answer[i]), i + 1 < std::size(answer)
                                                     ? zmq::send_flags::sndmore
                                                     : zmq::send_flags::none);
  }
}

Status prove_that_strangers_are_refused(ZapHandler& zap, const std::string& endpoint,
                                        const PublicKey& server) {
  using Clock = std::chrono::steady_clock;
  const auto until = Clock::now() + std::chrono::seconds(5);
  zmq::context_t context;
  zmq::socket_t stranger = make_dealer(context, KeyPair::generate(), server, 65'536);
  ConnectionMonitor monitor(context, stranger);
  stranger.connect(endpoint);
  while (Clock::now() < until) {
    zmq::pollitem_t items[] = {{zap.socket().handle(), 0, ZMQ_POLLIN, 0},
                               {monitor.socket().handle(), 0, ZMQ_POLLIN, 0}};
    zmq::poll(items, 2, std::chrono::milliseconds(100));
    zap.serve();
    for (auto event = monitor.next(); event != ConnectionEvent::none; event = monitor.next()) {
      if (event == ConnectionEvent::refused) return {};
      if (event == ConnectionEvent::ready)
        return fail(ErrorCode::auth, "self-test: a made-up key was let in; not listening");
    }
  }
  return fail(ErrorCode::auth,
              "self-test: no answer whether a made-up key is refused within 5 s; not listening");
}

}  // namespace chieng
