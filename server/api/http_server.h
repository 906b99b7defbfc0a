// HTTP/1.1 over loopback, or TLS 1.2 and newer where a certificate is set. It parses, limits and
// times requests, and hands them to one handler on a pool of workers; it knows nothing of routes.
// The only place that includes Boost.Beast and Asio is its .cpp. start() and stop() belong to one
// thread; handler runs on the workers, several at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/error/result.h"
#include "server/api/http.h"

namespace chieng::server {

struct HttpSettings {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8443;  // 0: any free one, see HttpServer::port()
  std::string certificate;    // PEM chain; with key: TLS, else plain HTTP
  std::string key;            // PEM
  int workers = 4;            // threads that run handlers; one more does the sockets

  std::size_t max_connections = 2000;  // beyond it: 503 and close
  std::size_t max_header = 16 * 1024;
  std::size_t max_body = 256 * 1024;
  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds body_timeout{20'000};
  std::chrono::milliseconds write_timeout{60'000};
  std::chrono::milliseconds idle_timeout{60'000};
  std::chrono::milliseconds heartbeat{15'000};  // of server-sent events
};

using HttpHandler = std::function<HttpResponse(HttpRequest&&)>;
// An answer that the server makes by itself: status and what was wrong.
using HttpRefusal = std::function<HttpResponse(int status, std::string_view detail)>;

class HttpServer {
 public:
  HttpServer(HttpSettings settings, HttpHandler handler, HttpRefusal refusal);
  ~HttpServer();  // stops
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] Status start();
  // Closes the listener and every connection; returns when no handler runs any more.
  void stop();
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::size_t connections() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace chieng::server
