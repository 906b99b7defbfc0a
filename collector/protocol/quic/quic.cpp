#include "collector/protocol/quic/quic.h"

#include "collector/protocol/quic/parser.h"

namespace chieng::collector {
namespace quic {
namespace {

constexpr std::uint16_t kPorts[] = {443, 80};
constexpr std::size_t kSmallestFirst = 1200;  // RFC 9000 section 14.1
constexpr std::size_t kSmallestId = 8;        // section 7.2: of the id that the client makes up

Probe probe(Direction d, Bytes data, bool port_hint) {
  const std::optional<Header> header = parse_header(data);
  if (!header) return Probe::no;
  if (port_hint) {
    const bool plausible =
        is_known(header->version) || header->kind == Kind::google || d == Direction::to_client ||
        (header->kind == Kind::initial && header->destination.size() >= kSmallestId);
    return plausible ? Probe::yes : Probe::no;
  }
  // On another port only what starts a connection as the standards want it.
  return is_known(header->version) && header->kind == Kind::initial &&
                 data.size() >= kSmallestFirst && header->destination.size() >= kSmallestId
             ? Probe::yes
             : Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<QuicParser>(host, proto);
}

}  // namespace
}  // namespace quic

const Protocol kQuic{&quic::kSpec, quic::probe, quic::kPorts, quic::make};

}  // namespace chieng::collector
