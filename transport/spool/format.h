// The bytes of docs/spool-format.md: headers to and from bytes, nothing else. No I/O, no state.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "core/bytes/bytes.h"
#include "core/event/envelope.h"

namespace chieng {

inline constexpr std::size_t kMaxRecordBody =
    196'608;  // stored and decoded; an event larger than it is refused
inline constexpr std::size_t kRecordHeaderBytes = 40;
inline constexpr std::size_t kSegmentHeaderBytes = 128;
inline constexpr std::size_t kTailBytes = 64;
inline constexpr std::size_t kStateSlotBytes = 256;

using LaneNumbers = std::array<std::uint64_t, kEventClasses>;
[[nodiscard]] constexpr std::size_t lane_index(EventClass lane) {
  return static_cast<std::size_t>(lane);
}

enum class Codec : std::uint8_t { plain = 0, zstd = 1, zstd_aead = 2 };
enum class RecordKind : std::uint8_t { event = 1, checkpoint = 2 };

struct RecordHeader {
  std::uint32_t body_bytes = 0;  // as stored
  std::uint64_t sequence = 0;
  RecordKind kind = RecordKind::event;
  EventClass lane = EventClass::alert;
  Codec codec = Codec::plain;
  bool ends_group = false;
  std::uint32_t key_id = 0;
  std::uint32_t decoded_bytes = 0;
  std::uint32_t body_crc = 0;

  // Header, body and padding.
  [[nodiscard]] std::size_t stored_bytes() const {
    return kRecordHeaderBytes + (body_bytes + 7U) / 8U * 8U;
  }
};

struct SegmentHeader {
  Uuid spool;
  std::uint64_t epoch = 1;
  std::uint64_t id = 0;
  std::int64_t made_at = 0;  // µs since 1970
  LaneNumbers next{};        // first sequence of each lane that this segment may hold
  LaneNumbers bytes_before{};
};

struct SpoolTail {
  std::uint64_t segment = 0;
  std::uint64_t bytes = 0;  // of that segment that are durable
  LaneNumbers next{};
};

struct SpoolState {
  std::uint64_t generation = 0;
  Uuid spool;
  std::uint64_t epoch = 1;
  LaneNumbers acknowledged{};
  LaneNumbers evicted{};
  LaneNumbers evicted_records{};
};

void encode_record_header(std::string& out, const RecordHeader& header);
void encode_segment_header(std::string& out, const SegmentHeader& header);
void encode_tail(std::string& out, const SpoolTail& tail);
void encode_state_slot(std::string& out, const SpoolState& state);

// Nothing where magic, checksum, version or a bound does not hold. bytes: at least the header's
// size.
[[nodiscard]] std::optional<RecordHeader> decode_record_header(Bytes bytes);
[[nodiscard]] std::optional<SegmentHeader> decode_segment_header(Bytes bytes);
[[nodiscard]] std::optional<SpoolTail> decode_tail(Bytes bytes);
[[nodiscard]] std::optional<SpoolState> decode_state_slot(Bytes bytes);

[[nodiscard]] std::string segment_name(std::uint64_t id);
[[nodiscard]] std::optional<std::uint64_t> parse_segment_name(std::string_view name);

}  // namespace chieng
