#include "collector/protocol/sip/sdp.h"

namespace chieng::collector::sip {
namespace {

constexpr std::size_t kMostLines = 4096;

void of_media(MediaDescription& m, char type, std::string value) {
  switch (type) {
    case 'i':
      m.info = std::move(value);
      break;
    case 'c':
      m.connection = std::move(value);
      break;
    case 'b':
      m.bandwidths.push_back(std::move(value));
      break;
    case 'k':
      m.key = std::move(value);
      break;
    case 'a':
      m.attributes.push_back(std::move(value));
      break;
    default:
      break;
  }
}

void of_session(Sdp& s, char type, std::string value) {
  switch (type) {
    case 'o':
      s.origin = std::move(value);
      break;
    case 's':
      s.name = std::move(value);
      break;
    case 'i':
      s.info = std::move(value);
      break;
    case 'u':
      s.uri = std::move(value);
      break;
    case 'e':
      s.email = std::move(value);
      break;
    case 'p':
      s.phone = std::move(value);
      break;
    case 'c':
      s.connection = std::move(value);
      break;
    case 'b':
      s.bandwidths.push_back(std::move(value));
      break;
    case 't':
      s.times.push_back({std::move(value), {}});
      break;
    case 'r':
      if (!s.times.empty()) s.times.back().repeats.push_back(std::move(value));
      break;
    case 'z':
      s.timezone = std::move(value);
      break;
    case 'k':
      s.key = std::move(value);
      break;
    case 'a':
      s.attributes.push_back(std::move(value));
      break;
    default:
      break;
  }
}

void write(JsonWriter& out, std::string_view key, const std::optional<std::string>& value) {
  if (value) out.field(key, *value);
}

void write(JsonWriter& out, std::string_view key, const std::vector<std::string>& values) {
  if (values.empty()) return;
  out.key(key).begin_array();
  for (const std::string& v : values) out.value(v);
  out.end_array();
}

void write_media(JsonWriter& out, const std::vector<MediaDescription>& media) {
  if (media.empty()) return;
  out.key("media_descriptions").begin_array();
  for (const MediaDescription& m : media) {
    out.begin_object().field("media", m.media);
    write(out, "media_info", m.info);
    write(out, "connection_data", m.connection);
    write(out, "bandwidths", m.bandwidths);
    write(out, "encryption_key", m.key);
    write(out, "attributes", m.attributes);
    out.end_object();
  }
  out.end_array();
}

}  // namespace

std::optional<Sdp> parse_sdp(std::string_view text) {
  if (!text.starts_with("v=")) return std::nullopt;
  Sdp out;
  for (std::size_t lines = 0; !text.empty() && lines < kMostLines; ++lines) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() < 2 || line[1] != '=') break;
    std::string value(line.substr(2));
    if (line[0] == 'm')
      out.media.push_back({std::move(value), {}, {}, {}, {}, {}});
    else if (!out.media.empty())
      of_media(out.media.back(), line[0], std::move(value));
    else
      of_session(out, line[0], std::move(value));
  }
  if (!out.origin || !out.name) return std::nullopt;
  return out;
}

void write_sdp(JsonWriter& out, const Sdp& s) {
  out.key("sdp").begin_object();
  write(out, "origin", s.origin);
  write(out, "session_name", s.name);
  write(out, "session_info", s.info);
  write(out, "uri", s.uri);
  write(out, "email", s.email);
  write(out, "phone_number", s.phone);
  write(out, "connection_data", s.connection);
  write(out, "bandwidths", s.bandwidths);
  if (!s.times.empty()) {
    out.key("time_descriptions").begin_array();
    for (const TimeDescription& t : s.times) {
      out.begin_object().field("time", t.time);
      if (!t.repeats.empty()) out.field("repeat_time", t.repeats.front());
      out.end_object();
    }
    out.end_array();
  }
  write(out, "timezone", s.timezone);
  write(out, "encryption_key", s.key);
  write(out, "attributes", s.attributes);
  write_media(out, s.media);
  out.end_object();
}

}  // namespace chieng::collector::sip
