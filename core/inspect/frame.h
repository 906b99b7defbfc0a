// A range of a flow's bytes that its parser named: a request, a record, a message's header. Rules
// look at it with frame:, alerts tell of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "core/bytes/bytes.h"
#include "core/inspect/catalogue.h"
#include "core/inspect/transaction.h"

namespace chieng {

// Of every protocol over TCP: all bytes of a direction. Not in ProtocolSpec::frames.
inline constexpr std::uint8_t kStreamFrame = 255;

// Belongs to its flow; data and holes are valid for one Inspection.
struct FrameView {
  struct Hole {
    std::size_t at = 0;  // in data: bytes are missing in front of it
    std::uint64_t bytes = 0;
  };
  AppProto proto;
  std::uint8_t type = 0;  // position in ProtocolSpec::frames, or kStreamFrame
  Direction direction = Direction::to_server;
  std::uint64_t id = 0;                 // from 1 in each flow
  std::uint64_t offset = 0;             // of its first byte in the stream; in the datagram
  std::optional<std::uint64_t> length;  // not known: to the end of the stream
  std::optional<std::uint64_t> tx_id;
  Bytes data;  // from the frame's first byte on, as far as it was seen and is kept
  std::span<const Hole> holes;
  bool complete = false;  // nothing will follow
  std::unique_ptr<RuleState> rule_state;
};

}  // namespace chieng
