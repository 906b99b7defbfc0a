#include "server/commands/admin_socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace chieng::server {
namespace {

constexpr std::uint32_t kMost = 32U << 20;

Result<sockaddr_un> address_of(const std::filesystem::path& path) {
  sockaddr_un out{};
  out.sun_family = AF_UNIX;
  const std::string text = path.string();
  if (text.size() >= sizeof out.sun_path)
    return fail(ErrorCode::limit, "the path " + text + " is too long for a socket: at most " +
                                      std::to_string(sizeof out.sun_path - 1) +
                                      " bytes; choose a shorter data.folder");
  std::memcpy(out.sun_path, text.data(), text.size());
  return out;
}

void set_timeout(int fd, int seconds) {
  const timeval limit{seconds, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

Status read_exactly(int fd, char* to, std::size_t n) {
  while (n > 0) {
    const ssize_t got = ::recv(fd, to, n, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("cannot read from the admin socket", errno);
    if (got == 0) return fail(ErrorCode::unavailable, "the other side closed the admin socket");
    to += got;
    n -= static_cast<std::size_t>(got);
  }
  return {};
}

Result<std::string> receive(int fd) {
  std::uint32_t size = 0;
  CHIENG_CHECK(read_exactly(fd, reinterpret_cast<char*>(&size), sizeof size));
  if (size > kMost)
    return fail(ErrorCode::limit,
                "a message of " + std::to_string(size) + " bytes on the admin socket");
  std::string out(size, '\0');
  CHIENG_CHECK(read_exactly(fd, out.data(), out.size()));
  return out;
}

Status send(int fd, std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  std::string out(reinterpret_cast<const char*>(&size), sizeof size);
  out += text;
  std::string_view rest = out;
  while (!rest.empty()) {
    const ssize_t n = ::send(fd, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno("cannot write to the admin socket", errno);
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

bool trusted(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == 0 || peer.uid == ::geteuid();
}

}  // namespace

Status AdminSocket::start() {
  CHIENG_TRY(const sockaddr_un address, address_of(path_));
  listening_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!listening_) return fail_errno("cannot make the admin socket", errno);
  ::unlink(path_.c_str());  // of a process that was killed: the folder's lock is ours
  const mode_t before = ::umask(0177);
  const int bound =
      ::bind(listening_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int error = errno;
  ::umask(before);
  if (bound != 0) return fail_errno("cannot bind " + path_.string(), error);
  if (::listen(listening_.get(), 8) != 0)
    return fail_errno("cannot listen on " + path_.string(), errno);
  thread_ = std::thread([this] { serve(); });
  return {};
}

void AdminSocket::stop() {
  stopping_ = true;
  if (!thread_.joinable()) return;
  thread_.join();
  ::unlink(path_.c_str());
}

void AdminSocket::serve() {
  while (!stopping_) {
    pollfd waiting{listening_.get(), POLLIN, 0};
    if (::poll(&waiting, 1, 200) <= 0) continue;
    const UniqueFd peer(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!peer || !trusted(peer.get())) continue;
    set_timeout(peer.get(), 10);
    const auto request = receive(peer.get());
    if (!request) continue;
    // Who asked is gone: nobody is left to tell.
    if (const Status sent = send(peer.get(), handler_(*request)); !sent) continue;
  }
}

Result<std::string> ask_server(const std::filesystem::path& socket, std::string_view request) {
  CHIENG_TRY(const sockaddr_un address, address_of(socket));
  const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return fail_errno("cannot make a socket", errno);
  set_timeout(fd.get(), 120);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == EACCES || errno == EPERM)
      return fail(ErrorCode::permission, "no right to " + socket.string() +
                                             ": run the command as the server's user or as root");
    return fail(ErrorCode::unavailable, "no server listens on " + socket.string());
  }
  CHIENG_CHECK(send(fd.get(), request));
  return receive(fd.get());
}

}  // namespace chieng::server
