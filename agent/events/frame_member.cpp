#include "agent/events/frame_member.h"

#include <fmt/format.h>

#include <string>

namespace chieng::agent {
namespace {

std::string_view type_name(const FrameView& frame, const Catalogue& catalogue) {
  if (frame.type == kStreamFrame) return "stream";
  const ProtocolSpec* spec = catalogue.protocol(frame.proto);
  return spec != nullptr && frame.type < spec->frames.size() ? spec->frames[frame.type]
                                                             : std::string_view();
}

// The bytes, with words where some were lost.
std::string payload_of(const FrameView& frame) {
  std::string out;
  std::size_t from = 0;
  const Bytes data = frame.data.first(std::min(frame.data.size(), kFramePayload));
  for (const FrameView::Hole& hole : frame.holes) {
    if (hole.at > data.size()) break;
    out += as_text(data.subspan(from, hole.at - from));
    out += fmt::format("[{} bytes missing]", hole.bytes);
    from = hole.at;
  }
  return out += as_text(data.subspan(from));
}

}  // namespace

void write_frame(JsonWriter& json, const FrameView& frame, const Catalogue& catalogue,
                 bool payload) {
  json.key("frame").begin_object();
  json.field("type", type_name(frame, catalogue)).field("id", frame.id);
  json.field("direction", frame.direction == Direction::to_server ? "toserver" : "toclient");
  json.field("stream_offset", frame.offset);
  if (frame.length) json.field("length", *frame.length);
  json.field("complete", frame.complete);
  if (payload) {
    const std::string text = payload_of(frame);
    json.key("payload").base64(as_bytes(text));
    json.key("payload_printable").printable(as_bytes(text));
  }
  if (frame.tx_id) json.field("tx_id", *frame.tx_id);
  json.end_object();
}

}  // namespace chieng::agent
