// The server's face to people and programs: the API under /api/v1 and the console everywhere else.
// What `run` starts after the store; stop() before the store is closed. start() and stop() belong
// to one thread.
#pragma once

#include <cstdint>
#include <memory>

#include "core/error/result.h"
#include "server/api/http_server.h"
#include "server/api/stream_hub.h"
#include "server/auth/authenticator.h"

namespace chieng::server {

struct ApiSettings {
  HttpSettings http;
  AuthSettings auth;
  StreamLimits stream;
};

class ApiServer {
 public:
  // store and feed outlive the object.
  ApiServer(ApiSettings settings, Store& store, ChangeFeed& feed);
  ~ApiServer();
  ApiServer(const ApiServer&) = delete;
  ApiServer& operator=(const ApiServer&) = delete;

  [[nodiscard]] Status start();
  void stop();
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] bool tls() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace chieng::server
