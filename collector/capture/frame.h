// One captured frame, as every source of packets yields it.
#pragma once

#include <cstdint>

#include "core/bytes/bytes.h"
#include "core/time/timestamp.h"

namespace chieng::collector {

struct Frame {
  Bytes bytes;  // what was captured; valid until the source is asked for the next frame
  std::uint32_t wire_length = 0;  // on the wire: a claim, never used to address bytes
  Timestamp time;
  int link_type = 1;  // libpcap's DLT_ number
};

}  // namespace chieng::collector
