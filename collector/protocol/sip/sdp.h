// A session description (RFC 8866), as the body of a SIP message.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/event/json_writer.h"

namespace chieng::collector::sip {

struct TimeDescription {
  std::string time;
  std::vector<std::string> repeats;
};
struct MediaDescription {
  std::string media;
  std::optional<std::string> info, connection, key;
  std::vector<std::string> bandwidths, attributes;
};
struct Sdp {
  std::optional<std::string> origin, name, info, uri, email, phone, connection, timezone, key;
  std::vector<std::string> bandwidths, attributes;
  std::vector<TimeDescription> times;
  std::vector<MediaDescription> media;
};

// Nothing where the text does not begin as a session description.
[[nodiscard]] std::optional<Sdp> parse_sdp(std::string_view text);
void write_sdp(JsonWriter& out, const Sdp& sdp);

}  // namespace chieng::collector::sip
