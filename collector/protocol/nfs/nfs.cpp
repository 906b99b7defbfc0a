#include "collector/protocol/nfs/nfs.h"

#include "collector/protocol/nfs/messages.h"

namespace chieng::collector {
namespace nfs {
namespace {

constexpr std::uint16_t kPorts[] = {2049};
constexpr std::uint32_t kLastPart = 0x80000000, kLeast = 24;

// A record's mark, as far as it is there.
bool plausible_mark(Bytes data) {
  Reader in(data);
  const std::uint32_t mark = in.u32();
  if (!in.ok()) return data.empty() || (data[0] & std::byte{0x7f}) == std::byte{0};
  const std::uint32_t size = mark & ~kLastPart;
  return size >= kLeast && size <= MessageParser::kMostRecord;
}

// A call of this program: type 0, RPC version 2.
Probe probe_call(Bytes message) {
  constexpr std::uint32_t kFirstVersion = 2, kLastVersion = 4;
  Reader in(message);
  in.skip(4);
  const std::uint32_t type = in.u32();
  if (!in.ok()) return Probe::maybe;
  const std::uint32_t rpc = in.u32();
  if (type != 0 || (in.ok() && rpc != 2)) return Probe::no;
  const std::uint32_t program = in.u32();
  if (in.ok() && program != kNfsProgram) return Probe::no;
  const std::uint32_t version = in.u32();
  if (!in.ok()) return Probe::maybe;
  return version >= kFirstVersion && version <= kLastVersion ? Probe::yes : Probe::no;
}

// Replies do not name their program.
Probe probe_reply(Bytes message) {
  Reader in(message);
  in.skip(4);
  const std::uint32_t type = in.u32(), state = in.u32();
  if (!in.ok()) return Probe::maybe;
  return type == 1 && state <= 1 ? Probe::yes : Probe::no;
}

// In datagrams a ping (NULL without credentials), as clients send it to every service of a server,
// is not yet NFS.
Probe probe_datagram(Direction d, Bytes data, bool port_hint) {
  if (d == Direction::to_client) {
    constexpr std::size_t kPong = 24;  // a reply that says nothing
    const bool reply = port_hint && data.size() > kPong && probe_reply(data) == Probe::yes;
    return reply ? Probe::yes : Probe::no;
  }
  const auto call = probe_call(data) == Probe::yes ? read_call(data) : std::nullopt;
  const bool ping = call && call->procedure == 0 && call->credentials.flavor == f_null;
  return call && !ping ? Probe::yes : Probe::no;
}

Probe probe_stream(Direction d, Bytes data, bool port_hint) {
  constexpr std::size_t kMark = 4;
  if (!plausible_mark(data)) return Probe::no;
  // A call in several parts is seldom: what may be the mark of one is no reason to wait.
  const bool usual = !data.empty() && (data[0] & std::byte{0x80}) != std::byte{0};
  if (!usual && !port_hint) return Probe::no;
  const Bytes message = data.subspan(std::min(kMark, data.size()));
  if (d == Direction::to_server) return probe_call(message);
  return port_hint ? probe_reply(message) : Probe::no;
}

// A datagram has no mark: it begins with the call itself.
Probe probe(Direction d, Bytes data, bool port_hint) {
  const Probe as_datagram = probe_datagram(d, data, port_hint);
  return as_datagram != Probe::no ? as_datagram : probe_stream(d, data, port_hint);
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<MessageParser>(host, proto);
}

}  // namespace
}  // namespace nfs

const Protocol kNfs{&nfs::kSpec, nfs::probe, nfs::kPorts, nfs::make};

}  // namespace chieng::collector
