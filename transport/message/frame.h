// One frame of docs/wire-protocol.md: the fixed header and the body's checksum, checked before
// anything else is read.
#pragma once

#include <cstdint>
#include <string>

#include "core/bytes/bytes.h"
#include "core/error/result.h"
#include "core/event/envelope.h"

namespace chieng {

inline constexpr std::uint8_t kProtocolVersion = 1;
inline constexpr std::size_t kFrameHeaderBytes = 48;
inline constexpr std::size_t kMaxFrameAtServer = 262'144;
inline constexpr std::size_t kMaxFrameAtAgent = 65'536;
inline constexpr std::size_t kMaxDecodedBody = 524'288;

enum class FrameType : std::uint8_t {
  hello = 1,
  welcome = 2,
  data = 3,
  ack = 4,
  nack = 5,
  gap = 6,
  beat = 7,
  error = 9,
  bye = 10,
  enroll = 16,
  enrolled = 17,
  refused = 18,
};

struct Frame {
  FrameType type = FrameType::bye;
  EventClass lane = EventClass::alert;
  std::uint64_t session = 0;
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;
  std::uint16_t count = 0;
  std::uint16_t spool = 0;
  std::string body;  // decoded
};

// The body is compressed where pack is set and that makes it smaller.
[[nodiscard]] std::string encode_frame(const Frame& frame, bool pack = false);
// Never allocates more than kMaxDecodedBody, whatever the bytes say.
[[nodiscard]] Result<Frame> decode_frame(Bytes bytes);

}  // namespace chieng
