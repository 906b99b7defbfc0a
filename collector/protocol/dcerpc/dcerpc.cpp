#include "collector/protocol/dcerpc/dcerpc.h"

#include "collector/protocol/dcerpc/datagram.h"

namespace chieng::collector {
namespace dcerpc {
namespace {

constexpr std::uint16_t kPorts[] = {135};

Probe probe_stream(Direction d, Bytes data) {
  if (data.empty() || !may_be_header(data)) return Probe::no;
  if (data.size() < Header::kSize) return Probe::maybe;
  const auto header = read_header(data);
  if (!header) return Probe::no;
  const bool fits =
      d == Direction::to_server ? is_from_client(header->type) : is_from_server(header->type);
  return fits ? Probe::yes : Probe::no;
}

Probe probe_datagram(Direction d, Bytes data) {
  const auto header = read_datagram_header(data);
  if (!header) return Probe::no;
  using enum PduType;
  const PduType t = header->type;
  const bool from_client = t == request || t == ping || t == ack || t == cl_cancel;
  return t == fack || from_client == (d == Direction::to_server) ? Probe::yes : Probe::no;
}

// A datagram is told by its 80 bytes of header, a stream by version, type and byte order. The first
// byte tells which of both it can be.
Probe probe(Direction d, Bytes data, bool) {
  if (data.empty()) return Probe::no;
  return std::to_integer<unsigned>(data[0]) == 4 ? probe_datagram(d, data) : probe_stream(d, data);
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  if (host.flow().key.proto == ip_proto::udp) return std::make_unique<DatagramParser>(host, proto);
  return std::make_unique<StreamParser>(host, proto);
}

}  // namespace
}  // namespace dcerpc

const Protocol kDcerpc{&dcerpc::kSpec, dcerpc::probe, dcerpc::kPorts, dcerpc::make};

}  // namespace chieng::collector
