#include "collector/protocol/nfs/rpc.h"

namespace chieng::collector::nfs {
namespace {

constexpr std::uint32_t kCall = 0, kReply = 1, kRpcVersion = 2;
constexpr std::uint32_t kMostOpaque = 16 * 1024;  // of heads: credentials, names, handles

// authsys_parms, RFC 5531 appendix A
void read_unix(Bytes body, Credentials& out) {
  Reader in(body);
  in.skip(4);
  const Bytes machine = take_opaque(in);
  const std::uint32_t uid = in.u32(), gid = in.u32();
  if (!in.ok()) return;
  out.machine = as_text(machine);
  out.uid = uid;
  out.gid = gid;
}

}  // namespace

Bytes take_opaque(Reader& in) {
  const std::uint32_t length = in.u32();
  const Bytes out = in.take(length <= kMostOpaque ? length : in.remaining() + 1);
  in.skip((4 - length % 4) % 4);
  return in.ok() ? out : Bytes{};
}

std::optional<std::uint32_t> message_type(Bytes message) {
  Reader in(message);
  in.skip(4);
  const std::uint32_t type = in.u32();
  return in.ok() ? std::optional(type) : std::nullopt;
}

std::optional<Call> read_call(Bytes message) {
  Reader in(message);
  Call out;
  out.xid = in.u32();
  const std::uint32_t type = in.u32(), rpc = in.u32();
  out.program = in.u32();
  out.version = in.u32();
  out.procedure = in.u32();
  out.credentials.flavor = in.u32();
  const Bytes credentials = take_opaque(in);
  out.credentials_size = in.position() - kCredentials;
  in.skip(4);  // the verifier
  (void)take_opaque(in);
  if (!in.ok() || type != kCall || rpc != kRpcVersion) return std::nullopt;
  if (out.credentials.flavor == f_unix) read_unix(credentials, out.credentials);
  out.body = in.position();
  return out;
}

std::optional<Reply> read_reply(Bytes message) {
  Reader in(message);
  Reply out;
  out.xid = in.u32();
  const std::uint32_t type = in.u32(), state = in.u32();
  out.denied = state != 0;
  if (!out.denied) {
    in.skip(4);
    (void)take_opaque(in);
    out.accept_state = in.u32();
  }
  if (!in.ok() || type != kReply || state > 1) return std::nullopt;
  out.body = in.position();
  return out;
}

}  // namespace chieng::collector::nfs
