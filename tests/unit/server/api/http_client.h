// A small HTTP/1.1 client over a loopback socket that can also misbehave: for tests only.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chieng::server::test {

struct Reply {
  int status = 0;                              // 0: no answer
  std::map<std::string, std::string> headers;  // lower case
  std::string body;
  [[nodiscard]] std::string header(const std::string& name) const {
    const auto it = headers.find(name);
    return it == headers.end() ? "" : it->second;
  }
};

using ExtraHeaders = std::vector<std::pair<std::string, std::string>>;

class Connection {
 public:
  explicit Connection(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }
  ~Connection() { ::close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return connected_;
  }
  // Reads more; false: closed, reset, or nothing within the time.
  bool fill(int milliseconds = 15'000) {
    pollfd p{fd_, POLLIN, 0};
    if (::poll(&p, 1, milliseconds) <= 0) return false;
    char chunk[65536];
    const auto n = ::recv(fd_, chunk, sizeof chunk, 0);
    if (n <= 0) {
      closed_ = true;
      return false;
    }
    in_.append(chunk, static_cast<std::size_t>(n));
    return true;
  }
  // Reads until text was seen and returns everything up to its end; empty when it does not come.
  std::string until(std::string_view text, int milliseconds = 15'000) {
    const auto deadline =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
    while (true) {
      if (const auto at = in_.find(text); at != std::string::npos) {
        auto out = in_.substr(0, at + text.size());
        in_.erase(0, at + text.size());
        return out;
      }
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          deadline - std::chrono::steady_clock::now());
      if (left.count() <= 0 || !fill(static_cast<int>(left.count()))) return {};
    }
  }
  bool closed_within(int milliseconds) {
    while (!closed_) {
      const auto start = std::chrono::steady_clock::now();
      if (!fill(milliseconds)) break;
      milliseconds -= static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                           std::chrono::steady_clock::now() - start)
                                           .count());
      if (milliseconds <= 0) break;
    }
    return closed_;
  }

  Reply read_reply(bool head = false) {
    Reply reply;
    auto text = until("\r\n\r\n");
    if (text.size() < 12) return reply;
    reply.status = std::atoi(text.c_str() + 9);
    std::size_t at = text.find("\r\n") + 2;
    while (at + 2 < text.size()) {
      const auto end = text.find("\r\n", at);
      const auto colon = text.find(": ", at);
      std::string name = text.substr(at, colon - at);
      for (auto& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      reply.headers[name] = text.substr(colon + 2, end - colon - 2);
      at = end + 2;
    }
    const auto length =
        static_cast<std::size_t>(std::atoll(reply.header("content-length").c_str()));
    if (head) return reply;
    while (in_.size() < length && fill()) {
    }
    reply.body = in_.substr(0, length);
    in_.erase(0, length);
    return reply;
  }

  Reply request(std::string_view method, std::string_view path, const ExtraHeaders& headers = {},
                std::string_view body = {}) {
    send(request_text(method, path, headers, body));
    return read_reply(method == "HEAD");
  }
  static std::string request_text(std::string_view method, std::string_view path,
                                  const ExtraHeaders& headers, std::string_view body) {
    std::string text =
        std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n";
    for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
    if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return text + "\r\n" + std::string(body);
  }

 private:
  int fd_;
  bool connected_ = false;
  bool closed_ = false;
  std::string in_;
};

inline Reply fetch(std::uint16_t port, std::string_view method, std::string_view path,
                   const ExtraHeaders& headers = {}, std::string_view body = {}) {
  Connection connection(port);
  return connection.request(method, path, headers, body);
}

}  // namespace chieng::server::test
