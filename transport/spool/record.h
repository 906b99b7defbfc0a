// A record as it is stored and as it travels: the body stays as its producer wrote it, with the
// checksum made then.
#pragma once

#include <string>

#include "core/error/result.h"
#include "core/event/envelope.h"
#include "transport/spool/format.h"

namespace chieng {

struct SpoolRecord {
  std::uint64_t sequence = 0;
  Codec codec = Codec::plain;
  std::uint32_t key_id = 0;
  std::uint32_t decoded_bytes = 0;
  std::uint32_t body_crc = 0;
  std::string body;  // as stored: encoded envelope and JSON, through the codec
};

struct DecodedRecord {
  Envelope envelope;
  std::string json;
};

// The stored body of an event; codec zstd is used only where it makes the body smaller.
[[nodiscard]] Result<SpoolRecord> make_record(const Envelope& envelope, std::string_view json,
                                              Codec codec);
// Checks the checksum, undoes the codec, splits envelope and JSON. Output never exceeds
// kMaxRecordBody.
[[nodiscard]] Result<DecodedRecord> decode_record(const SpoolRecord& record);

enum class GapReason : std::uint8_t { evicted = 1, damaged = 2, absent = 3 };
[[nodiscard]] std::string_view to_string(GapReason reason);

struct SpoolGap {  // sequences that cannot be had any more
  EventClass lane = EventClass::alert;
  std::uint64_t first = 0, last = 0;
  GapReason reason = GapReason::damaged;
  [[nodiscard]] std::uint64_t count() const { return last - first + 1; }
  friend bool operator==(const SpoolGap&, const SpoolGap&) = default;
};

}  // namespace chieng
