#include "server/api/http_server.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <optional>
#include <thread>
#include <unordered_set>
#include <vector>

#include "server/api/stream_queue.h"

namespace chieng::server {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = net::ssl;
using tcp = net::ip::tcp;
using Code = boost::system::error_code;

constexpr std::size_t kRefusing = 64;  // connections that may be told "too many" at one time
constexpr std::size_t kLingerBytes =
    1024 * 1024;  // read and thrown away so that a refusal reaches its sender
constexpr std::chrono::milliseconds kLinger{2'000};
constexpr std::chrono::milliseconds kStopGrace{3'000};
constexpr std::size_t kReadAhead = 4096;

Method method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
    case http::verb::head:
      return Method::get;
    case http::verb::post:
      return Method::post;
    case http::verb::put:
      return Method::put;
    case http::verb::patch:
      return Method::patch;
    case http::verb::delete_:
      return Method::del;
    default:
      return Method::other;
  }
}

HttpRequest take_request(http::request<http::string_body>&& in, std::string address, bool tls) {
  HttpRequest out;
  out.method = method_of(in.method());
  out.head = in.method() == http::verb::head;
  out.target = std::string(in.target());
  for (const auto& field : in) {
    std::string name(field.name_string());
    std::ranges::transform(name, name.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c | 32) : c; });
    out.headers.emplace_back(std::move(name), std::string(field.value()));
  }
  out.body = std::move(in.body());
  out.address = std::move(address);
  out.tls = tls;
  return out;
}

// What the connections share. Lives in HttpServer::Impl, longer than any of them.
struct Shared {
  Shared(HttpSettings s, HttpHandler h, HttpRefusal r)
      : settings(std::move(s)),
        handler(std::move(h)),
        refusal(std::move(r)),
        workers(static_cast<std::size_t>(std::max(1, settings.workers))) {}
  HttpSettings settings;
  HttpHandler handler;
  HttpRefusal refusal;
  std::optional<ssl::context> tls;
  std::unordered_set<class Connection*> open;  // touched by the socket thread only
  std::atomic<std::size_t> count{0};
  bool stopping = false;  // socket thread only
  // Last, so destroyed first: what still waits in them holds connections.
  net::io_context io{1};
  net::thread_pool workers;
};

// One client, from accept to close. Everything but run_handler() runs on the socket thread; it
// keeps itself alive through the operation that is pending.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Shared& shared, tcp::socket socket)
      : shared_(shared), heartbeat_(shared.io), buffer_(shared.settings.max_header + kReadAhead) {
    Code ignored;
    address_ = socket.remote_endpoint(ignored).address().to_string(ignored);
    socket.set_option(tcp::no_delay(true), ignored);
    if (shared.tls)
      tls_.emplace(beast::tcp_stream(std::move(socket)), *shared.tls);
    else
      plain_.emplace(std::move(socket));
    shared_.open.insert(this);
    shared_.count = shared_.open.size();
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (queue_) {
      queue_->on_ready({});
      queue_->close();
    }
    shared_.open.erase(this);
    shared_.count = shared_.open.size();
  }

  void start() {
    if (!tls_) return wait_request(shared_.settings.header_timeout);
    tcp_layer().expires_after(shared_.settings.header_timeout);
    tls_->async_handshake(ssl::stream_base::server, [self = shared_from_this()](Code ec) {
      if (!ec) self->wait_request(self->shared_.settings.header_timeout);
    });
  }
  void start_refusing() {
    if (tls_) return close();
    write(shared_.refusal(503, "too many connections; try again later"), false);
  }
  // The server stops: what is idle closes now, what is being answered closes after its answer.
  void drain() {
    if (queue_)
      queue_->close();
    else if (!busy_)
      close();
  }

  void close() {
    if (std::exchange(closed_, true)) return;
    heartbeat_.cancel();
    if (queue_) queue_->close();
    Code ignored;
    tcp_layer().socket().shutdown(tcp::socket::shutdown_both, ignored);
    tcp_layer().close();
  }

 private:
  beast::tcp_stream& tcp_layer() { return tls_ ? tls_->next_layer() : *plain_; }
  template <class F>
  void with_stream(F&& f) {
    if (tls_)
      f(*tls_);
    else
      f(*plain_);
  }

  void wait_request(std::chrono::milliseconds limit) {
    busy_ = false;
    if (shared_.stopping) return close();
    if (buffer_.size() > 0) return read_header();
    tcp_layer().expires_after(limit);
    with_stream([this](auto& stream) {
      stream.async_read_some(buffer_.prepare(kReadAhead),
                             [self = shared_from_this()](Code ec, std::size_t n) {
                               if (ec) return;
                               self->buffer_.commit(n);
                               self->read_header();
                             });
    });
  }

  void read_header() {
    busy_ = true;
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(shared_.settings.max_header));
    parser_->body_limit(shared_.settings.max_body);
    tcp_layer().expires_after(shared_.settings.header_timeout);
    with_stream([this](auto& stream) {
      http::async_read_header(stream, buffer_, *parser_,
                              [self = shared_from_this()](Code ec, std::size_t) {
                                if (ec) return self->read_failed(ec);
                                self->read_body();
                              });
    });
  }

  void read_body() {
    tcp_layer().expires_after(shared_.settings.body_timeout);
    with_stream([this](auto& stream) {
      http::async_read(stream, buffer_, *parser_,
                       [self = shared_from_this()](Code ec, std::size_t) {
                         if (ec) return self->read_failed(ec);
                         self->dispatch();
                       });
    });
  }

  void read_failed(Code ec) {
    if (ec == http::error::header_limit || ec == http::error::buffer_overflow)
      return refuse(431, fmt_limit("the request's header is over", shared_.settings.max_header));
    if (ec == http::error::body_limit)
      return refuse(413, fmt_limit("the request's body is over", shared_.settings.max_body));
    if (ec == http::error::end_of_stream || ec == http::error::partial_message) return close();
    if (ec.category() == http::make_error_code(http::error::bad_method).category())
      return refuse(400, "not an HTTP/1.1 request: " + ec.message());
  }
  static std::string fmt_limit(std::string what, std::size_t bytes) {
    return what + " " + std::to_string(bytes) + " bytes";
  }
  void refuse(int status, std::string detail) { write(shared_.refusal(status, detail), false); }

  void dispatch() {
    const bool keep = parser_->get().keep_alive();
    head_ = parser_->get().method() == http::verb::head;
    auto request = take_request(parser_->release(), address_, tls_.has_value());
    parser_.reset();
    net::post(shared_.workers,
              [self = shared_from_this(), request = std::move(request), keep]() mutable {
                auto response = self->run_handler(std::move(request));
                auto& io = self->shared_.io;
                net::post(io, [self = std::move(self), response = std::move(response),
                               keep]() mutable { self->write(std::move(response), keep); });
              });
  }

  HttpResponse run_handler(HttpRequest&& request) noexcept {
    try {
      return shared_.handler(std::move(request));
    } catch (const std::exception&) {
      return shared_.refusal(500, "the request failed inside the server");
    }
  }

  void write(HttpResponse response, bool keep) {
    response_ = std::move(response);
    if (head_) response_.stream.reset();
    keep = keep && !response_.stream && !shared_.stopping;
    message_.emplace(static_cast<http::status>(response_.status), 11);
    message_->reason(std::string(reason_phrase(response_.status)));
    for (const auto& [name, value] : response_.headers) message_->set(name, value);
    message_->keep_alive(keep);
    const auto bytes = response_.bytes();
    if (!head_) message_->body() = {bytes.data(), bytes.size()};
    if (!response_.stream && response_.status != 204 && response_.status != 304)
      message_->content_length(bytes.size());
    serializer_.emplace(*message_);
    tcp_layer().expires_after(shared_.settings.write_timeout);
    with_stream([this, keep](auto& stream) {
      http::async_write(
          stream, *serializer_,
          [self = shared_from_this(), keep](Code ec, std::size_t) { self->written(ec, keep); });
    });
  }

  void written(Code ec, bool keep) {
    const auto stream = std::move(response_.stream);
    response_ = {};
    serializer_.reset();
    message_.reset();
    if (ec) {
      if (stream) stream->close();
      return;
    }
    if (stream) return start_stream(stream);
    if (keep)
      wait_request(shared_.settings.idle_timeout);
    else
      linger();
  }

  void start_stream(std::shared_ptr<StreamQueue> queue) {
    queue_ = std::move(queue);
    if (shared_.stopping) return close();
    watch_peer();
    queue_->on_ready([weak = weak_from_this(), &io = shared_.io] {
      if (auto self = weak.lock()) net::post(io, [self = std::move(self)] { self->pump(); });
    });
    pump();
  }

  // A stream's client sends nothing more: whatever the read brings is the end.
  void watch_peer() {
    tcp_layer().expires_never();
    with_stream([this](auto& stream) {
      stream.async_read_some(net::buffer(scratch_),
                             [self = shared_from_this()](Code, std::size_t) { self->close(); });
    });
  }

  void pump() {
    if (writing_ || closed_) return;
    const bool last = queue_->drained();
    outgoing_ = queue_->take();
    if (!outgoing_.empty()) return send();
    if (last) return close();
    heartbeat_.expires_after(shared_.settings.heartbeat);
    heartbeat_.async_wait([self = shared_from_this()](Code ec) {
      if (ec || self->writing_ || self->closed_) return;
      self->outgoing_ = ": heartbeat\n\n";
      self->send();
    });
  }

  void send() {
    writing_ = true;
    heartbeat_.cancel();
    tcp_layer().expires_after(shared_.settings.write_timeout);
    with_stream([this](auto& stream) {
      net::async_write(stream, net::buffer(outgoing_),
                       [self = shared_from_this()](Code ec, std::size_t) {
                         self->writing_ = false;
                         if (ec) return self->close();
                         self->pump();
                       });
    });
  }

  // A refusal that is closed at once is lost when the client still sends: the kernel answers with a
  // reset.
  void linger() {
    if (tls_) {
      tcp_layer().expires_after(kLinger);
      return tls_->async_shutdown([self = shared_from_this()](Code) { self->close(); });
    }
    Code ignored;
    plain_->socket().shutdown(tcp::socket::shutdown_send, ignored);
    plain_->expires_after(kLinger);
    discard(0);
  }
  void discard(std::size_t so_far) {
    plain_->async_read_some(net::buffer(scratch_),
                            [self = shared_from_this(), so_far](Code ec, std::size_t n) {
                              if (ec || so_far + n > kLingerBytes) return self->close();
                              self->discard(so_far + n);
                            });
  }

  Shared& shared_;
  std::optional<beast::tcp_stream> plain_;
  std::optional<beast::ssl_stream<beast::tcp_stream>> tls_;
  net::steady_timer heartbeat_;
  beast::flat_buffer buffer_;
  std::array<char, 2048> scratch_{};
  std::string address_;
  std::optional<http::request_parser<http::string_body>> parser_;
  HttpResponse response_;
  std::optional<http::response<http::span_body<const char>>> message_;
  std::optional<http::response_serializer<http::span_body<const char>>> serializer_;
  std::shared_ptr<StreamQueue> queue_;
  std::string outgoing_;
  bool head_ = false;
  bool busy_ = false;
  bool writing_ = false;
  bool closed_ = false;
};

Status load_tls(Shared& shared) {
  const auto& s = shared.settings;
  if (s.certificate.empty() && s.key.empty()) return {};
  if (s.certificate.empty() || s.key.empty())
    return fail(ErrorCode::invalid_argument,
                "TLS needs both a certificate and a key; one of them is not set");
  auto& context = shared.tls.emplace(ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.native_handle(),
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  Code ec;
  if (context.use_certificate_chain_file(s.certificate, ec); ec)
    return fail(ErrorCode::invalid_argument, "cannot use the TLS certificate: " + ec.message(),
                s.certificate);
  if (context.use_private_key_file(s.key, ssl::context::pem, ec); ec)
    return fail(
        ErrorCode::invalid_argument,
        "cannot use the TLS key (is it PEM, readable, and the certificate's own?): " + ec.message(),
        s.key);
  return {};
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(HttpSettings settings, HttpHandler handler, HttpRefusal refusal)
      : shared_(std::move(settings), std::move(handler), std::move(refusal)),
        acceptor_(shared_.io),
        retry_(shared_.io) {}

  Status start() {
    CHIENG_CHECK(load_tls(shared_));
    const auto& s = shared_.settings;
    Code ec;
    const auto address = net::ip::make_address(s.address, ec);
    if (ec)
      return fail(
          ErrorCode::invalid_argument,
          "'" + s.address + "' is not an IP address to listen on; use for example 127.0.0.1");
    const tcp::endpoint endpoint(address, s.port);
    acceptor_.open(endpoint.protocol(), ec);
    if (!ec) acceptor_.set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec) acceptor_.bind(endpoint, ec);
    if (!ec) acceptor_.listen(net::socket_base::max_listen_connections, ec);
    if (ec)
      return fail_errno("cannot listen on " + s.address + " port " + std::to_string(s.port),
                        ec.value());
    port_ = acceptor_.local_endpoint(ec).port();
    accept();
    thread_ = std::thread([this] { shared_.io.run(); });
    return {};
  }

  void stop() {
    if (!thread_.joinable()) return;
    net::post(shared_.io, [this] {
      shared_.stopping = true;
      Code ignored;
      acceptor_.close(ignored);
      retry_.cancel();
      const std::vector<Connection*> open(shared_.open.begin(), shared_.open.end());
      for (auto* connection : open) connection->drain();
    });
    const auto until = std::chrono::steady_clock::now() + kStopGrace;
    while (shared_.count > 0 && std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    shared_.workers.join();
    net::post(shared_.io, [this] {
      const std::vector<Connection*> open(shared_.open.begin(), shared_.open.end());
      for (auto* connection : open) connection->close();
      shared_.io.stop();
    });
    thread_.join();
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::size_t connections() const { return shared_.count; }

 private:
  void accept() {
    acceptor_.async_accept([this](Code ec, tcp::socket socket) {
      if (shared_.stopping) return;
      if (ec) return accept_later();
      const auto open = shared_.open.size();
      const auto limit = shared_.settings.max_connections;
      if (open < limit)
        std::make_shared<Connection>(shared_, std::move(socket))->start();
      else if (open < limit + kRefusing)
        std::make_shared<Connection>(shared_, std::move(socket))->start_refusing();
      accept();
    });
  }
  // Out of descriptors, most likely: an accept loop that does not wait would burn the processor.
  void accept_later() {
    retry_.expires_after(std::chrono::milliseconds(100));
    retry_.async_wait([this](Code ec) {
      if (!ec && !shared_.stopping) accept();
    });
  }

  Shared shared_;
  // A request that a worker has in hand is no work that the context knows of: it must not run out
  // meanwhile.
  net::executor_work_guard<net::io_context::executor_type> running_{shared_.io.get_executor()};
  tcp::acceptor acceptor_;
  net::steady_timer retry_;
  std::thread thread_;
  std::atomic<std::uint16_t> port_{0};
};

HttpServer::HttpServer(HttpSettings settings, HttpHandler handler, HttpRefusal refusal)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(handler), std::move(refusal))) {}
HttpServer::~HttpServer() {
  stop();
}
Status HttpServer::start() {
  return impl_->start();
}
void HttpServer::stop() {
  impl_->stop();
}
std::uint16_t HttpServer::port() const {
  return impl_->port();
}
std::size_t HttpServer::connections() const {
  return impl_->connections();
}

}  // namespace chieng::server
