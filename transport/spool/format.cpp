#include "transport/spool/format.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "core/bytes/reader.h"
#include "core/hash/crc32c.h"
#include "transport/spool/little.h"

namespace chieng {
namespace {

constexpr std::uint32_t kRecordMagic = 0x43455243;
constexpr std::uint32_t kSegmentMagic = 0x4c505343;
constexpr std::uint32_t kTailMagic = 0x4c494154;
constexpr std::uint32_t kStateMagic = 0x54415453;
constexpr std::uint16_t kFormatVersion = 1;

void put_lanes(std::string& out, const LaneNumbers& numbers) {
  for (const std::uint64_t n : numbers) put_le(out, n);
}

LaneNumbers read_lanes(Reader& in) {
  LaneNumbers out;
  for (std::uint64_t& n : out) n = in.u64le();
  return out;
}

Uuid read_uuid(Reader& in) {
  Uuid out;
  const Bytes raw = in.take(out.bytes.size());
  if (raw.size() == out.bytes.size()) std::memcpy(out.bytes.data(), raw.data(), raw.size());
  return out;
}

// Fills with zeros up to size - 4 and closes with the checksum of all that begins at start.
void close_block(std::string& out, std::size_t start, std::size_t size) {
  out.resize(start + size - 4, '\0');
  put_le(out, crc32c(as_bytes(std::string_view(out).substr(start))));
}

bool sound(Bytes bytes, std::size_t size, std::uint32_t magic) {
  if (bytes.size() < size) return false;
  Reader head(bytes.first(4));
  if (head.u32le() != magic) return false;
  Reader crc(bytes.subspan(size - 4, 4));
  return crc.u32le() == crc32c(bytes.first(size - 4));
}

}  // namespace

void encode_record_header(std::string& out, const RecordHeader& h) {
  const std::size_t start = out.size();
  put_le(out, kRecordMagic);
  put_le(out, h.body_bytes);
  put_le(out, h.sequence);
  put_le(out, static_cast<std::uint8_t>(h.kind));
  put_le(out, static_cast<std::uint8_t>(h.lane));
  put_le(out, static_cast<std::uint8_t>(h.codec));
  put_le(out, static_cast<std::uint8_t>(h.ends_group ? 1 : 0));
  put_le(out, h.key_id);
  put_le(out, h.decoded_bytes);
  put_le(out, h.body_crc);
  close_block(out, start, kRecordHeaderBytes);
}

std::optional<RecordHeader> decode_record_header(Bytes bytes) {
  if (!sound(bytes, kRecordHeaderBytes, kRecordMagic)) return std::nullopt;
  Reader in(bytes.first(kRecordHeaderBytes));
  in.skip(4);
  RecordHeader h;
  h.body_bytes = in.u32le();
  h.sequence = in.u64le();
  const std::uint8_t kind = in.u8(), lane = in.u8(), codec = in.u8(), flags = in.u8();
  h.key_id = in.u32le();
  h.decoded_bytes = in.u32le();
  h.body_crc = in.u32le();
  if (kind < 1 || kind > 2 || lane >= kEventClasses || codec > 2) return std::nullopt;
  if (h.body_bytes > kMaxRecordBody || h.decoded_bytes > kMaxRecordBody) return std::nullopt;
  h.kind = static_cast<RecordKind>(kind);
  h.lane = static_cast<EventClass>(lane);
  h.codec = static_cast<Codec>(codec);
  h.ends_group = (flags & 1) != 0;
  return h;
}

void encode_segment_header(std::string& out, const SegmentHeader& h) {
  const std::size_t start = out.size();
  put_le(out, kSegmentMagic);
  put_le(out, kFormatVersion);
  put_le(out, static_cast<std::uint16_t>(kSegmentHeaderBytes));
  put_uuid(out, h.spool);
  put_le(out, h.epoch);
  put_le(out, h.id);
  put_le(out, h.made_at);
  put_lanes(out, h.next);
  put_lanes(out, h.bytes_before);
  close_block(out, start, kSegmentHeaderBytes);
}

std::optional<SegmentHeader> decode_segment_header(Bytes bytes) {
  if (!sound(bytes, kSegmentHeaderBytes, kSegmentMagic)) return std::nullopt;
  Reader in(bytes.first(kSegmentHeaderBytes));
  in.skip(4);
  if (in.u16le() != kFormatVersion || in.u16le() != kSegmentHeaderBytes) return std::nullopt;
  SegmentHeader h;
  h.spool = read_uuid(in);
  h.epoch = in.u64le();
  h.id = in.u64le();
  h.made_at = static_cast<std::int64_t>(in.u64le());
  h.next = read_lanes(in);
  h.bytes_before = read_lanes(in);
  return h;
}

void encode_tail(std::string& out, const SpoolTail& tail) {
  const std::size_t start = out.size();
  put_le(out, kTailMagic);
  put_le(out, kFormatVersion);
  put_le(out, std::uint16_t{0});
  put_le(out, tail.segment);
  put_le(out, tail.bytes);
  put_lanes(out, tail.next);
  close_block(out, start, kTailBytes);
}

std::optional<SpoolTail> decode_tail(Bytes bytes) {
  if (!sound(bytes, kTailBytes, kTailMagic)) return std::nullopt;
  Reader in(bytes.first(kTailBytes));
  in.skip(4);
  if (in.u16le() != kFormatVersion) return std::nullopt;
  in.skip(2);
  SpoolTail tail;
  tail.segment = in.u64le();
  tail.bytes = in.u64le();
  tail.next = read_lanes(in);
  return tail;
}

void encode_state_slot(std::string& out, const SpoolState& state) {
  const std::size_t start = out.size();
  put_le(out, kStateMagic);
  put_le(out, kFormatVersion);
  put_le(out, std::uint16_t{0});
  put_le(out, state.generation);
  put_uuid(out, state.spool);
  put_le(out, state.epoch);
  put_lanes(out, state.acknowledged);
  put_lanes(out, state.evicted);
  put_lanes(out, state.evicted_records);
  close_block(out, start, kStateSlotBytes);
}

std::optional<SpoolState> decode_state_slot(Bytes bytes) {
  if (!sound(bytes, kStateSlotBytes, kStateMagic)) return std::nullopt;
  Reader in(bytes.first(kStateSlotBytes));
  in.skip(4);
  if (in.u16le() != kFormatVersion) return std::nullopt;
  in.skip(2);
  SpoolState state;
  state.generation = in.u64le();
  state.spool = read_uuid(in);
  state.epoch = in.u64le();
  state.acknowledged = read_lanes(in);
  state.evicted = read_lanes(in);
  state.evicted_records = read_lanes(in);
  return state;
}

std::string segment_name(std::uint64_t id) {
  std::string hex(16, '0');
  for (std::size_t i = 16; i-- > 0; id >>= 4) hex[i] = "0123456789abcdef"[id & 15];
  return "seg-" + hex + ".spool";
}

std::optional<std::uint64_t> parse_segment_name(std::string_view name) {
  if (name.size() != 26 || !name.starts_with("seg-") || !name.ends_with(".spool"))
    return std::nullopt;
  const std::string_view hex = name.substr(4, 16);
  if (!std::ranges::all_of(hex,
                           [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }))
    return std::nullopt;
  std::uint64_t id = 0;
  std::from_chars(hex.data(), hex.data() + hex.size(), id, 16);
  return id;
}

}  // namespace chieng
