#include "collector/protocol/tls/tls.h"

#include "collector/protocol/tls/parser.h"

namespace chieng::collector {
namespace tls {
namespace {

constexpr std::uint16_t kPorts[] = {443, 465, 853, 993, 995, 636, 8443};

// An SSL 2 hello that offers a later version (RFC 5246 appendix E.2): old clients still begin so.
bool old_hello(Direction d, Bytes data) {
  Reader in(data);
  const std::uint16_t length = in.u16();
  const std::uint8_t type = in.u8(), major = in.u8(), minor = in.u8();
  return in.ok() && d == Direction::to_server && (length & 0x8000) != 0 && type == 1 &&
         major == 3 && minor <= 4;
}

// A record header, and for handshakes the hello that this side sends first.
Probe probe(Direction d, Bytes data, bool port_hint) {
  if (old_hello(d, data)) return Probe::yes;
  Reader in(data);
  const std::uint8_t type = in.u8(), major = in.u8(), minor = in.u8();
  const std::uint16_t length = in.u16();
  const std::uint8_t message = in.u8();
  const auto differs = [&](std::size_t at, bool wrong) { return data.size() > at && wrong; };
  if (differs(0, type < 20 || type > 23) || differs(1, major != 3) || differs(2, minor > 4))
    return Probe::no;
  if (!in.ok()) return data.empty() ? Probe::no : Probe::maybe;
  if (length > TlsParser::kMaxRecord) return Probe::no;
  if (type == 22) {
    const bool expected = message == (d == Direction::to_server ? 1 : 2);
    return expected || message <= 24 ? Probe::yes : Probe::no;
  }
  if (type == 21) return length == 2 ? Probe::yes : Probe::no;
  return port_hint ? Probe::yes : Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<TlsParser>(host, proto);
}

}  // namespace
}  // namespace tls

const Protocol kTls{&tls::kSpec, tls::probe, tls::kPorts, tls::make};

}  // namespace chieng::collector
