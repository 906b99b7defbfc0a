// ZeroMQ as this folder uses it: TCP with CURVE, nothing lingering, every limit set before bind or
// connect. Internal: included by .cpp files only.
#pragma once

#include <zmq.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/error/result.h"
#include "transport/keys/keys.h"

namespace chieng {

// invalid_argument unless it is tcp://host:port: other ZeroMQ transports carry no CURVE or are not
// safe to open.
[[nodiscard]] Status check_endpoint(std::string_view endpoint);

struct RouterOptions {
  const KeyPair* keys = nullptr;
  std::string zap_domain;
  std::size_t max_frame = 0;
  int handshake_ms = 4000;
};
// Throws zmq::error_t, as its callers' other ZeroMQ calls do.
[[nodiscard]] zmq::socket_t make_router(zmq::context_t& context, const RouterOptions& options);
[[nodiscard]] zmq::socket_t make_dealer(zmq::context_t& context, const KeyPair& keys,
                                        const PublicKey& server, std::size_t max_frame);
[[nodiscard]] Result<std::vector<std::string>> bind_all(zmq::socket_t& socket,
                                                        const std::vector<std::string>& endpoints);

enum class ConnectionEvent : std::uint8_t { none, ready, refused, failed, lost };
// What happened to a socket's connection since the last look.
class ConnectionMonitor {
 public:
  // watched must outlive the object.
  ConnectionMonitor(zmq::context_t& context, zmq::socket_t& watched);
  ConnectionMonitor(const ConnectionMonitor&) = delete;
  ConnectionMonitor& operator=(const ConnectionMonitor&) = delete;
  ~ConnectionMonitor();
  [[nodiscard]] ConnectionEvent next();  // does not wait
  [[nodiscard]] zmq::socket_t& socket() { return events_; }

 private:
  zmq::socket_t& watched_;
  zmq::socket_t events_;
};

// The key that the connection of this message proved to own; nothing: no ZAP handler answered for
// it.
[[nodiscard]] std::optional<PublicKey> key_of(zmq::message_t& payload);
[[nodiscard]] std::string address_of(zmq::message_t& payload);

// Answers libzmq's question who may connect, from RAM only. One a context; must be made before the
// socket that it guards is bound. Used from the thread of that socket.
class ZapHandler {
 public:
  using Rule = std::function<bool(const PublicKey&)>;
  ZapHandler(zmq::context_t& context, Rule allowed);
  void serve();  // all waiting questions
  [[nodiscard]] zmq::socket_t& socket() { return socket_; }
  [[nodiscard]] std::uint64_t accepted() const { return accepted_; }
  [[nodiscard]] std::uint64_t refused() const { return refused_; }

 private:
  zmq::socket_t socket_;
  Rule allowed_;
  std::uint64_t accepted_ = 0, refused_ = 0;
};

// Connects with a key made up on the spot. auth: it got in, so the door is open.
[[nodiscard]] Status prove_that_strangers_are_refused(ZapHandler& zap, const std::string& endpoint,
                                                      const PublicKey& server);

}  // namespace chieng
