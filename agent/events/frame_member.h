// The "frame" member of an alert: which part of the traffic a rule over frames looked at.
#pragma once

#include "core/event/json_writer.h"
#include "core/inspect/catalogue.h"
#include "core/inspect/frame.h"

namespace chieng::agent {

// payload: with the frame's bytes, of which at most kFramePayload; missing ones are told in words.
inline constexpr std::size_t kFramePayload = 4096;
void write_frame(JsonWriter& json, const FrameView& frame, const Catalogue& catalogue,
                 bool payload);

}  // namespace chieng::agent
