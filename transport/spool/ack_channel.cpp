#include "transport/spool/ack_channel.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "core/bytes/reader.h"
#include "transport/spool/little.h"

namespace chieng {
namespace {

constexpr std::uint32_t kAckMagic = 0x4b434143;  // "CACK"
constexpr std::size_t kAckBytes = 40;

std::optional<Ack> decode(Bytes bytes) {
  Reader in(bytes);
  if (in.u32le() != kAckMagic) return std::nullopt;
  Ack out;
  const std::uint8_t lane = in.u8();
  in.skip(3);
  const Bytes spool = in.take(out.spool.bytes.size());
  out.epoch = in.u64le();
  out.sequence = in.u64le();
  if (!in.ok() || !in.at_end() || lane >= kEventClasses) return std::nullopt;
  std::memcpy(out.spool.bytes.data(), spool.data(), spool.size());
  out.lane = static_cast<EventClass>(lane);
  return out;
}

}  // namespace

bool AckSender::send(const Ack& ack) {
  std::string out;
  put_le(out, kAckMagic);
  put_le(out, static_cast<std::uint8_t>(ack.lane));
  out.append(3, '\0');
  put_uuid(out, ack.spool);
  put_le(out, ack.epoch);
  put_le(out, ack.sequence);
  return ::send(fd_.get(), out.data(), out.size(), MSG_DONTWAIT | MSG_NOSIGNAL) ==
         static_cast<ssize_t>(kAckBytes);
}

std::optional<Ack> AckReceiver::receive() {
  char buffer[kAckBytes + 8];
  for (;;) {
    const ssize_t n = ::recv(fd_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return std::nullopt;
    if (const auto ack = decode(as_bytes({buffer, static_cast<std::size_t>(n)}))) return ack;
  }
}

Result<AckChannel> AckChannel::make() {
  int fds[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
    return fail_errno("cannot make a socket pair for acknowledgements", errno);
  return AckChannel{AckSender(UniqueFd(fds[0])), AckReceiver(UniqueFd(fds[1]))};
}

}  // namespace chieng
