// Anomalies that decoders, the stream engine and parsers found.
#include <fmt/format.h>

#include <array>

#include "rules/suricata/keywords/keywords.h"
#include "rules/suricata/text.h"

namespace chieng::suricata::keywords {
namespace {

Status add_packet_event(Builder& b, std::string_view v, std::string_view prefix) {
  std::string name = lower(v);
  if (!name.starts_with(prefix)) name.insert(0, prefix);
  const auto number = b.catalogue().packet_event(name);
  if (!number)
    return fail(ErrorCode::unsupported, fmt::format("nothing raises the event \"{}\" here", v));
  b.rule().conditions.push_back({PacketEvent{*number}, b.option_index()});
  return {};
}

Status parse_decode(Builder& b, std::string_view v) {
  return add_packet_event(b, v, "decoder.");
}
Status parse_stream(Builder& b, std::string_view v) {
  return add_packet_event(b, v, "stream.");
}
Status parse_engine(Builder& b, std::string_view v) {
  return v.starts_with("stream.") ? parse_stream(b, v) : parse_decode(b, v);
}

Status parse_app(Builder& b, std::string_view v) {
  const std::string name = lower(v);
  if (name.find('.') == std::string::npos) return add_packet_event(b, name, "");
  auto events = b.catalogue().app_events(name);
  if (events.empty())
    return fail(ErrorCode::unsupported, fmt::format("nothing raises the event \"{}\" here", v));
  b.rule().tx_conditions.push_back({AppEvent{std::move(events)}, b.option_index(), false});
  return {};
}

constexpr std::array kKeywords = {
    Keyword{"decode-event", Value::required, parse_decode},
    Keyword{"stream-event", Value::required, parse_stream},
    Keyword{"engine-event", Value::required, parse_engine},
    Keyword{"app-layer-event", Value::required, parse_app},
};

}  // namespace

std::span<const Keyword> events() {
  return kKeywords;
}

}  // namespace chieng::suricata::keywords
