#include "collector/protocol/http2/http2.h"

#include <array>
#include <vector>

#include "collector/protocol/dns/dns.h"
#include "collector/protocol/http2/frame.h"
#include "collector/protocol/http2/parser.h"

namespace chieng::collector {
namespace http2 {
namespace {

// The server's settings, of which the first is one that somebody knows or a greased one (RFC 8701).
// Empty ones have to be followed by nothing, or by another frame of the whole connection.
Probe probe_settings(Bytes data) {
  const auto header = read_frame_header(data);
  if (!header) return data.empty() || data[0] == std::byte{0} ? Probe::maybe : Probe::no;
  const bool settings = header->is(FrameType::settings) && header->stream == 0 &&
                        !header->reserved && header->length <= 16'384 && header->length % 6 == 0 &&
                        header->flags == 0;
  if (!settings) return Probe::no;
  Reader in(data.subspan(kFrameHeader));
  if (in.at_end()) return header->length == 0 ? Probe::yes : Probe::maybe;
  if (header->length == 0) {
    const auto next = read_frame_header(in.rest());
    if (!next) return Probe::maybe;
    return next->type <= static_cast<std::uint8_t>(FrameType::continuation) &&
                   next->length <= 16'384
               ? Probe::yes
               : Probe::no;
  }
  const std::uint16_t id = in.u16();
  if (!in.ok()) return Probe::maybe;
  return !setting_text(id).empty() || (id & 0x0f0f) == 0x0a0a ? Probe::yes : Probe::no;
}

// The client begins with its preface, the server with its settings (RFC 9113 3.4).
Probe probe(Direction d, Bytes data, bool port_hint) {
  (void)port_hint;
  if (d == Direction::to_client) return probe_settings(data);
  const std::string_view text = as_text(data);
  if (text.starts_with(kPreface)) return Probe::yes;
  return kPreface.starts_with(text) ? Probe::maybe : Probe::no;
}

Probe never(Direction, Bytes, bool) {
  return Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<Http2Parser>(host, proto);
}

template <class T>
std::vector<T> joined(std::span<const T> first, std::span<const T> second) {
  std::vector<T> out(first.begin(), first.end());
  out.insert(out.end(), second.begin(), second.end());
  return out;
}

// HTTP/2's declarations with those of DNS behind them. DNS messages come with a body.
const ProtocolSpec& doh_spec() {
  static const auto kBuffers = [] {
    auto all = joined(kSpec.buffers, kDns.spec->buffers);
    for (std::size_t i = kSpec.buffers.size(); i < all.size(); ++i)
      all[i].ready.fill(static_cast<std::uint8_t>(Progress::body));
    return all;
  }();
  static const auto kIntegers = [] {
    auto all = joined(kSpec.integers, kDns.spec->integers);
    for (std::size_t i = kSpec.integers.size(); i < all.size(); ++i)
      all[i].ready.fill(static_cast<std::uint8_t>(Progress::body));
    return all;
  }();
  static const ProtocolSpec kDohSpec{.name = "doh2",
                                     .rule_names = {"doh2", "http2", "dns", "http"},
                                     .transport = TransportMask::tcp,
                                     .complete = kSpec.complete,
                                     .buffers = kBuffers,
                                     .integers = kIntegers,
                                     .event_prefix = "http2",
                                     .events = kSpec.events,
                                     .frames = kSpec.frames};
  return kDohSpec;
}

}  // namespace

const Protocol& doh2() {
  static const Protocol kDoh2{&doh_spec(), never, {}, make};
  return kDoh2;
}

std::unique_ptr<Parser> make_after_upgrade(ParserHost& host, AppProto proto,
                                           std::unique_ptr<Upgrade> upgrade) {
  return std::make_unique<Http2Parser>(host, proto, std::move(upgrade));
}

}  // namespace http2

const Protocol kHttp2{&http2::kSpec, http2::probe, {}, http2::make};

}  // namespace chieng::collector
