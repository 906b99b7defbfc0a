#include "collector/protocol/rfb/rfb.h"

#include "collector/protocol/rfb/parser.h"

namespace chieng::collector {
namespace rfb {
namespace {

constexpr std::uint16_t kPorts[] = {5900, 5901, 5902, 5903, 5904, 5905, 5906, 5907, 5908, 5909};

Probe probe(Direction, Bytes data, bool) {
  constexpr std::string_view kStart = "RFB ";
  const std::string_view text = as_text(data);
  if (text.starts_with(kStart)) return Probe::yes;
  return !text.empty() && kStart.starts_with(text) ? Probe::maybe : Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<RfbParser>(host, proto);
}

}  // namespace
}  // namespace rfb

const Protocol kRfb{&rfb::kSpec, rfb::probe, rfb::kPorts, rfb::make};

}  // namespace chieng::collector
