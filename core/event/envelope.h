// The envelope of an event: what travels beside the immutable JSON bytes. See docs/event-schema.md.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/error/result.h"
#include "core/time/timestamp.h"

namespace chieng {

inline constexpr std::uint16_t kEnvelopeVersion = 1;

// The class of an event is its lane in the spool and on the wire, lowest number first.
enum class EventClass : std::uint8_t { alert = 0, health = 1, evidence = 2, metadata = 3 };
inline constexpr std::size_t kEventClasses = 4;
[[nodiscard]] std::string_view to_string(EventClass c);
[[nodiscard]] std::optional<EventClass> parse_event_class(std::string_view text);

// 128 bits, made by digest from (agent, spool, epoch, lane, sequence): the same event has the same
// id whichever way it comes. Opaque outside: 32 hex digits.
struct EventId {
  std::array<std::uint8_t, 16> bytes{};
  friend auto operator<=>(const EventId&, const EventId&) = default;
};
[[nodiscard]] std::string to_string(const EventId& id);
[[nodiscard]] std::optional<EventId> parse_event_id(std::string_view hex);

// An opaque 128-bit id (agent, agency, spool, server), random when made.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};
  [[nodiscard]] static Uuid random();
  [[nodiscard]] bool is_set() const { return *this != Uuid{}; }
  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};
[[nodiscard]] std::string to_string(const Uuid& id);  // 32 hex digits
[[nodiscard]] std::optional<Uuid> parse_uuid(std::string_view hex);

struct EventPosition {  // where an event stands in its spool
  Uuid spool;
  std::uint64_t epoch = 1;
  EventClass lane = EventClass::alert;
  std::uint64_t sequence = 0;  // from 1, +1, never reused
  friend auto operator<=>(const EventPosition&, const EventPosition&) = default;
};
[[nodiscard]] EventId make_event_id(const Uuid& agent, const EventPosition& at);

enum class ClockQuality : std::uint8_t { unknown, good, suspect };

// What the producer knows, stored with the bytes in its spool.
struct Envelope {
  std::uint16_t version = kEnvelopeVersion;
  EventClass event_class = EventClass::alert;
  Timestamp event_time;     // claimed: from the packet or the log line
  Timestamp observed_time;  // the agent's clock when it saw it
  std::uint64_t count = 1;  // weight: how many equal events this one stands for
  Timestamp first, last;    // of those; equal to event_time where count is 1
  std::string rule_set;     // hash of the rule set in force, hex; empty for none
};

// A fixed binary form (docs/spool-format.md), written before the JSON bytes in spool records and
// wire batches.
void encode_envelope(std::string& out, const Envelope& envelope);
// Consumes the envelope at the front of bytes.
[[nodiscard]] Result<Envelope> decode_envelope(std::span<const std::byte>& bytes);

}  // namespace chieng
