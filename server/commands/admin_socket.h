// A local socket (mode 0600, in the data folder) through which commands reach a running server. One
// request and one answer a connection, each a u32 length and JSON. Only the server's own user and
// root get in.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>

#include "core/file/file.h"

namespace chieng::server {

class AdminSocket {
 public:
  using Handler = std::function<std::string(std::string_view request)>;  // on the socket's thread,
                                                                         // one at a time
  AdminSocket(std::filesystem::path path, Handler handler)
      : path_(std::move(path)), handler_(std::move(handler)) {}
  ~AdminSocket() { stop(); }
  AdminSocket(const AdminSocket&) = delete;
  AdminSocket& operator=(const AdminSocket&) = delete;

  [[nodiscard]] Status start();
  void stop();

 private:
  void serve();
  const std::filesystem::path path_;
  const Handler handler_;
  UniqueFd listening_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

// unavailable: no server listens there.
[[nodiscard]] Result<std::string> ask_server(const std::filesystem::path& socket,
                                             std::string_view request);

}  // namespace chieng::server
