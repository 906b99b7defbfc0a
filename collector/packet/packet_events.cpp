#include "collector/packet/packet_events.h"

#include <array>
#include <string_view>

#include "collector/protocol/parser.h"

namespace chieng::collector {

std::span<const std::string_view> packet_event_names() {
#define CHIENG_EVENT_TEXT(name, text) std::string_view(text),
  static constexpr std::array names{CHIENG_PACKET_EVENTS(CHIENG_EVENT_TEXT)};
#undef CHIENG_EVENT_TEXT
  return names;
}

}  // namespace chieng::collector
