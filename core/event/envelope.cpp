#include "core/event/envelope.h"

#include <openssl/rand.h>

#include <cstring>

#include "core/bytes/bytes.h"
#include "core/bytes/reader.h"
#include "core/hash/digest.h"

namespace chieng {
namespace {

template <class Id>
std::optional<Id> parse_16(std::string_view hex) {
  std::string raw;
  Id out;
  if (hex.size() != 32 || !from_hex(hex, raw)) return std::nullopt;
  std::memcpy(out.bytes.data(), raw.data(), out.bytes.size());
  return out;
}

void put_le(std::string& out, std::uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
}

}  // namespace

std::string_view to_string(EventClass c) {
  switch (c) {
    case EventClass::alert:
      return "alert";
    case EventClass::health:
      return "health";
    case EventClass::evidence:
      return "evidence";
    case EventClass::metadata:
      return "metadata";
  }
  return "metadata";
}

std::optional<EventClass> parse_event_class(std::string_view text) {
  for (const auto c :
       {EventClass::alert, EventClass::health, EventClass::evidence, EventClass::metadata})
    if (text == to_string(c)) return c;
  return std::nullopt;
}

std::string to_string(const EventId& id) {
  return to_hex(as_bytes(id.bytes.data(), id.bytes.size()));
}
std::optional<EventId> parse_event_id(std::string_view hex) {
  return parse_16<EventId>(hex);
}
std::string to_string(const Uuid& id) {
  return to_hex(as_bytes(id.bytes.data(), id.bytes.size()));
}
std::optional<Uuid> parse_uuid(std::string_view hex) {
  return parse_16<Uuid>(hex);
}

Uuid Uuid::random() {
  Uuid out;
  // OpenSSL's generator fails only where the system has no entropy source at all; an id of zeros
  // would be worse.
  if (RAND_bytes(out.bytes.data(), static_cast<int>(out.bytes.size())) != 1) std::abort();
  return out;
}

EventId make_event_id(const Uuid& agent, const EventPosition& at) {
  std::string data = "chieng-event-1";
  data.append(as_text(as_bytes(agent.bytes.data(), agent.bytes.size())));
  data.append(as_text(as_bytes(at.spool.bytes.data(), at.spool.bytes.size())));
  put_le(data, at.epoch, 8);
  put_le(data, static_cast<std::uint64_t>(at.lane), 1);
  put_le(data, at.sequence, 8);
  EventId out;
  std::memcpy(out.bytes.data(), digest(DigestKind::sha256, as_bytes(data)).data(),
              out.bytes.size());
  return out;
}

void encode_envelope(std::string& out, const Envelope& e) {
  put_le(out, e.version, 2);
  put_le(out, static_cast<std::uint64_t>(e.event_class), 1);
  put_le(out, e.rule_set.size() > 255 ? 0 : e.rule_set.size(), 1);
  put_le(out, static_cast<std::uint64_t>(e.event_time.micros), 8);
  put_le(out, static_cast<std::uint64_t>(e.observed_time.micros), 8);
  put_le(out, e.count, 8);
  put_le(out, static_cast<std::uint64_t>(e.first.micros), 8);
  put_le(out, static_cast<std::uint64_t>(e.last.micros), 8);
  if (e.rule_set.size() <= 255) out += e.rule_set;
}

Result<Envelope> decode_envelope(std::span<const std::byte>& bytes) {
  Reader in(bytes);
  Envelope out;
  out.version = in.u16le();
  const std::uint8_t event_class = in.u8();
  const std::uint8_t rule_set = in.u8();
  out.event_time.micros = static_cast<std::int64_t>(in.u64le());
  out.observed_time.micros = static_cast<std::int64_t>(in.u64le());
  out.count = in.u64le();
  out.first.micros = static_cast<std::int64_t>(in.u64le());
  out.last.micros = static_cast<std::int64_t>(in.u64le());
  out.rule_set = as_text(in.take(rule_set));
  if (!in.ok()) return fail(ErrorCode::corrupt, "envelope cut short");
  if (out.version != kEnvelopeVersion)
    return fail(ErrorCode::unsupported, "envelope version " + std::to_string(out.version));
  if (event_class >= kEventClasses) return fail(ErrorCode::corrupt, "unknown event class");
  out.event_class = static_cast<EventClass>(event_class);
  bytes = in.rest();
  return out;
}

}  // namespace chieng
