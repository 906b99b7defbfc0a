#include "collector/protocol/smb/smb.h"

#include "collector/protocol/smb/stream.h"

namespace chieng::collector {
namespace smb {
namespace {

constexpr std::uint16_t kPorts[] = {445, 139};
constexpr std::size_t kMarkEnd = 8;  // of a record's head and a message's mark

// Who sent a message is said in its flags.
bool fits(Direction d, bool response) {
  return response == (d == Direction::to_client);
}

Probe probe_message(Direction d, Bytes message) {
  const auto at = [&](std::size_t i) { return std::to_integer<unsigned>(message[i]); };
  if (message.size() > 3 && (at(1) != 'S' || at(2) != 'M' || at(3) != 'B')) return Probe::no;
  switch (at(0)) {
    case 0xff:
      if (message.size() < 10) return Probe::maybe;
      return fits(d, (at(9) & 0x80) != 0) ? Probe::yes : Probe::no;
    case 0xfe:
      if (message.size() < 20) return Probe::maybe;
      return fits(d, (at(16) & 1) != 0) ? Probe::yes : Probe::no;
    case 0xfd:
    case 0xfc:
      return Probe::yes;
    default:
      return Probe::no;
  }
}

// A NetBIOS session request names both ends, in 68 bytes; its answers are short.
Probe probe_session(Direction d, Bytes data) {
  Reader in(data);
  const std::uint8_t type = in.u8();
  const std::uint32_t length = in.u24();
  if (!in.ok()) return Probe::maybe;
  if (d == Direction::to_server) return type == 0x81 && length == 68 ? Probe::yes : Probe::no;
  const bool answer = (type == 0x82 && length == 0) || (type == 0x83 && length == 1) ||
                      (type == 0x84 && length == 6);
  return answer ? Probe::yes : Probe::no;
}

Probe probe(Direction d, Bytes data, bool port_hint) {
  if (data.empty()) return Probe::no;
  const auto type = std::to_integer<unsigned>(data[0]);
  if (type != 0)
    return port_hint && type > 0x80 && type < 0x85 ? probe_session(d, data) : Probe::no;
  if (data.size() > 4 && std::to_integer<unsigned>(data[4]) < 0xfc) return Probe::no;
  if (data.size() < kMarkEnd) return Probe::maybe;
  return probe_message(d, data.subspan(4));
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<StreamParser>(host, proto);
}

}  // namespace
}  // namespace smb

const Protocol kSmb{&smb::kSpec, smb::probe, smb::kPorts, smb::make};

}  // namespace chieng::collector
