// The bodies of the frames of a session.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/error/result.h"
#include "core/event/envelope.h"
#include "transport/spool/record.h"

namespace chieng {

inline constexpr std::size_t kMaxSpools = 16;
inline constexpr std::size_t kMaxBeatJson = 32'768;
inline constexpr std::size_t kMaxErrorText = 256;

struct HelloSpool {
  Uuid spool;
  std::uint64_t epoch = 1;
  struct Lane {
    std::uint64_t oldest = 1, next = 1;
  };
  std::array<Lane, kEventClasses> lanes{};
};

struct Hello {
  std::uint8_t lowest = 1, highest = 1;  // protocol versions
  Uuid agent, boot;
  std::string version, settings_hash, rule_set_hash;
  std::int64_t wall_us = 0;
  std::vector<HelloSpool> spools;
};
[[nodiscard]] std::string encode_hello(const Hello& hello);
[[nodiscard]] Result<Hello> decode_hello(Bytes body);

struct WelcomeLane {
  std::uint16_t spool = 0;
  EventClass lane = EventClass::alert;
  std::uint64_t committed = 0;
  std::uint32_t credit = 0;
};
struct Welcome {
  std::uint8_t version = 1;
  Uuid server;
  std::uint64_t generation = 0;
  std::int64_t wall_us = 0;
  std::vector<WelcomeLane> lanes;
};
[[nodiscard]] std::string encode_welcome(const Welcome& welcome);
[[nodiscard]] Result<Welcome> decode_welcome(Bytes body);

// DATA: records of consecutive sequences; the first one's is in the frame's header.
void append_record(std::string& body, const SpoolRecord& record);
[[nodiscard]] Result<std::vector<SpoolRecord>> decode_records(Bytes body, std::uint64_t first,
                                                              std::size_t count);

[[nodiscard]] std::string encode_credit(std::uint32_t credit);  // ACK, NACK
[[nodiscard]] Result<std::uint32_t> decode_credit(Bytes body);

[[nodiscard]] std::string encode_gap(
    const SpoolGap& gap);  // first and lane are in the frame's header
[[nodiscard]] Result<SpoolGap> decode_gap(Bytes body, EventClass lane, std::uint64_t first);

struct Beat {  // from the agent
  std::uint64_t monotonic_us = 0;
  std::int64_t wall_us = 0;
  std::int64_t clock_offset_us = 0;
  std::int64_t round_trip_us = -1;  // -1: not measured
  std::string json;
};
[[nodiscard]] std::string encode_beat(const Beat& beat);
[[nodiscard]] Result<Beat> decode_beat(Bytes body);

struct BeatAnswer {
  std::uint64_t monotonic_us = 0;
  std::int64_t wall_us = 0;
};
[[nodiscard]] std::string encode_beat_answer(const BeatAnswer& answer);
[[nodiscard]] Result<BeatAnswer> decode_beat_answer(Bytes body);

enum class SessionError : std::uint16_t {
  protocol = 1,
  superseded = 2,
  revoked = 3,
  version = 4,
  wrong_agent = 5,
  busy = 6,
  closing = 7
};
struct ErrorBody {
  std::uint16_t code = 0;
  std::string text;
};
[[nodiscard]] std::string encode_error(std::uint16_t code, std::string_view text);
[[nodiscard]] Result<ErrorBody> decode_error(Bytes body);

}  // namespace chieng
