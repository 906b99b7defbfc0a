// frame: ranges of a flow's bytes that its parser names, as in frame:tls.pdu or, where the header
// names the protocol, frame:pdu.
#include <fmt/format.h>

#include <algorithm>

#include "rules/suricata/keywords/keywords.h"
#include "rules/suricata/text.h"

namespace chieng::suricata::keywords {
namespace {

// Adds the protocol's frame of that name; false where it has none.
bool add_frame(Builder& builder, AppProto proto, std::string_view type) {
  const ProtocolSpec& spec = *builder.catalogue().protocol(proto);
  std::vector<FrameRef>& frames = builder.rule().frames;
  if (type == "stream") {
    if (spec.transport == TransportMask::udp) return false;
    frames.push_back({proto, kStreamFrame});
    return true;
  }
  const auto at = std::ranges::find(spec.frames, type);
  if (at == spec.frames.end()) return false;
  frames.push_back({proto, static_cast<std::uint8_t>(at - spec.frames.begin())});
  return true;
}

Status parse_frame(Builder& builder, std::string_view value) {
  Signature& rule = builder.rule();
  const std::string name = lower(value);
  if (!rule.frames.empty())
    return fail(ErrorCode::unsupported, "a rule can look at one frame only",
                "join two rules by flowbits");
  for (const AppProto p : rule.protocols) add_frame(builder, p, name);
  const std::size_t dot = name.find('.');
  if (rule.frames.empty() && dot != std::string::npos)
    for (const AppProto p : builder.catalogue().rule_protocols(name.substr(0, dot)))
      add_frame(builder, p, std::string_view(name).substr(dot + 1));
  if (rule.frames.empty())
    return fail(ErrorCode::parse, fmt::format("no protocol of this rule has a frame \"{}\"", value),
                "name it with its protocol: frame:tls.pdu");
  return builder.select({std::nullopt, PacketBuffer::frame}, "frame");
}

constexpr Keyword kKeywords[] = {{"frame", Value::required, parse_frame}};

}  // namespace

std::span<const Keyword> frames() {
  return kKeywords;
}

}  // namespace chieng::suricata::keywords
