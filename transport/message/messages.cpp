#include "transport/message/messages.h"

#include <algorithm>

#include "transport/message/fields.h"
#include "transport/spool/little.h"

namespace chieng {
namespace {

constexpr std::size_t kMaxText = 64;
constexpr std::size_t kSpoolBytes = 24 + kEventClasses * 16;
constexpr std::size_t kWelcomeLaneBytes = 16;

constexpr FieldRule kHelloRules[] = {
    {0x8001, 2, 2},        {0x8002, 16, 16},     {0x0003, 16, 16},
    {0x0004, 0, kMaxText}, {0x0005, 8, 8},       {0x8006, kSpoolBytes, kSpoolBytes, kMaxSpools},
    {0x0007, 0, kMaxText}, {0x0008, 0, kMaxText}};
constexpr FieldRule kWelcomeRules[] = {
    {0x8001, 1, 1},
    {0x8002, 16, 16},
    {0x8003, 8, 8},
    {0x0004, 8, 8},
    {0x8005, kWelcomeLaneBytes, kWelcomeLaneBytes, kMaxSpools* kEventClasses}};

template <class... T>
std::string packed(T... values) {
  std::string out;
  (put_le(out, values), ...);
  return out;
}

std::string raw(const Uuid& id) {
  std::string out;
  put_uuid(out, id);
  return out;
}

std::string_view cut(std::string_view text, std::size_t most) {
  return text.substr(0, most);
}

HelloSpool read_spool(Bytes value) {
  Reader in(value);
  HelloSpool out;
  out.spool = read_uuid(in);
  out.epoch = in.u64le();
  for (auto& lane : out.lanes) {
    lane.oldest = in.u64le();
    lane.next = in.u64le();
  }
  return out;
}

}  // namespace

std::string encode_hello(const Hello& h) {
  std::string out;
  put_field(out, 0x8001, packed(h.lowest, h.highest));
  put_field(out, 0x8002, raw(h.agent));
  put_field(out, 0x0003, raw(h.boot));
  put_field(out, 0x0004, cut(h.version, kMaxText));
  put_field(out, 0x0005, packed(h.wall_us));
  for (const HelloSpool& s : h.spools) {
    std::string value = raw(s.spool) + packed(s.epoch);
    for (const auto& lane : s.lanes) value += packed(lane.oldest, lane.next);
    put_field(out, 0x8006, value);
  }
  put_field(out, 0x0007, cut(h.settings_hash, kMaxText));
  put_field(out, 0x0008, cut(h.rule_set_hash, kMaxText));
  return out;
}

Result<Hello> decode_hello(Bytes body) {
  CHIENG_TRY(const Fields fields, Fields::read(body, kHelloRules));
  Hello out;
  Reader versions = fields.one(0x8001), agent = fields.one(0x8002), boot = fields.one(0x0003);
  out.lowest = versions.u8();
  out.highest = versions.u8();
  out.agent = read_uuid(agent);
  out.boot = read_uuid(boot);
  out.version = fields.text(0x0004);
  out.wall_us = static_cast<std::int64_t>(fields.one(0x0005).u64le());
  for (const Bytes value : fields.all(0x8006)) out.spools.push_back(read_spool(value));
  out.settings_hash = fields.text(0x0007);
  out.rule_set_hash = fields.text(0x0008);
  return out;
}

std::string encode_welcome(const Welcome& w) {
  std::string out;
  put_field(out, 0x8001, packed(w.version));
  put_field(out, 0x8002, raw(w.server));
  put_field(out, 0x8003, packed(w.generation));
  put_field(out, 0x0004, packed(w.wall_us));
  for (const WelcomeLane& lane : w.lanes)
    put_field(out, 0x8005,
              packed(lane.spool, static_cast<std::uint8_t>(lane.lane), std::uint8_t{0},
                     lane.committed, lane.credit));
  return out;
}

Result<Welcome> decode_welcome(Bytes body) {
  CHIENG_TRY(const Fields fields, Fields::read(body, kWelcomeRules));
  Welcome out;
  out.version = fields.one(0x8001).u8();
  Reader server = fields.one(0x8002);
  out.server = read_uuid(server);
  out.generation = fields.one(0x8003).u64le();
  out.wall_us = static_cast<std::int64_t>(fields.one(0x0004).u64le());
  for (const Bytes value : fields.all(0x8005)) {
    Reader in(value);
    WelcomeLane lane;
    lane.spool = in.u16le();
    const std::uint8_t number = in.u8();
    in.skip(1);
    lane.committed = in.u64le();
    lane.credit = in.u32le();
    if (number >= kEventClasses)
      return fail(ErrorCode::parse, "unknown lane " + std::to_string(number));
    lane.lane = static_cast<EventClass>(number);
    out.lanes.push_back(lane);
  }
  return out;
}

void append_record(std::string& body, const SpoolRecord& r) {
  put_le(body, static_cast<std::uint32_t>(r.body.size()));
  put_le(body, r.body_crc);
  put_le(body, r.key_id);
  put_le(body, r.decoded_bytes);
  put_le(body, static_cast<std::uint8_t>(r.codec));
  body.append(3, '\0');
  body += r.body;
}

Result<std::vector<SpoolRecord>> decode_records(Bytes body, std::uint64_t first,
                                                std::size_t count) {
  std::vector<SpoolRecord> out;
  Reader in(body);
  while (!in.at_end()) {
    SpoolRecord r;
    const std::uint32_t size = in.u32le();
    r.body_crc = in.u32le();
    r.key_id = in.u32le();
    r.decoded_bytes = in.u32le();
    const std::uint8_t codec = in.u8();
    in.skip(3);
    if (size > kMaxRecordBody || r.decoded_bytes > kMaxRecordBody || codec > 2)
      return fail(ErrorCode::parse, "a record of the batch has a value outside of the protocol");
    r.body = as_text(in.take(size));
    if (!in.ok()) return fail(ErrorCode::parse, "the batch is cut short");
    r.codec = static_cast<Codec>(codec);
    r.sequence = first + out.size();
    out.push_back(std::move(r));
    if (out.size() > count) break;
  }
  if (!in.ok() || out.empty() || out.size() != count)
    return fail(ErrorCode::parse,
                "the batch does not have the " + std::to_string(count) + " records that it says");
  return out;
}

std::string encode_credit(std::uint32_t credit) {
  return packed(credit);
}

Result<std::uint32_t> decode_credit(Bytes body) {
  Reader in(body);
  const std::uint32_t credit = in.u32le();
  if (!in.ok() || !in.at_end()) return fail(ErrorCode::parse, "wrong length of an acknowledgement");
  return credit;
}

std::string encode_gap(const SpoolGap& gap) {
  return packed(gap.last, static_cast<std::uint8_t>(gap.reason));
}

Result<SpoolGap> decode_gap(Bytes body, EventClass lane, std::uint64_t first) {
  Reader in(body);
  SpoolGap out{lane, first, in.u64le(), GapReason::damaged};
  const std::uint8_t reason = in.u8();
  if (!in.ok() || !in.at_end() || reason < 1 || reason > 3 || first == 0 || out.last < first ||
      out.last == UINT64_MAX)
    return fail(ErrorCode::parse, "a gap has a value outside of the protocol");
  out.reason = static_cast<GapReason>(reason);
  return out;
}

std::string encode_beat(const Beat& b) {
  return packed(b.monotonic_us, b.wall_us, b.clock_offset_us, b.round_trip_us) +
         std::string(cut(b.json, kMaxBeatJson));
}

Result<Beat> decode_beat(Bytes body) {
  Reader in(body);
  Beat out;
  out.monotonic_us = in.u64le();
  out.wall_us = static_cast<std::int64_t>(in.u64le());
  out.clock_offset_us = static_cast<std::int64_t>(in.u64le());
  out.round_trip_us = static_cast<std::int64_t>(in.u64le());
  if (!in.ok() || in.remaining() > kMaxBeatJson)
    return fail(ErrorCode::parse, "a beat has a wrong length");
  out.json = as_text(in.rest());
  return out;
}

std::string encode_beat_answer(const BeatAnswer& a) {
  return packed(a.monotonic_us, a.wall_us);
}

Result<BeatAnswer> decode_beat_answer(Bytes body) {
  Reader in(body);
  BeatAnswer out;
  out.monotonic_us = in.u64le();
  out.wall_us = static_cast<std::int64_t>(in.u64le());
  if (!in.ok() || !in.at_end())
    return fail(ErrorCode::parse, "the answer to a beat has a wrong length");
  return out;
}

std::string encode_error(std::uint16_t code, std::string_view text) {
  return packed(code) + std::string(cut(text, kMaxErrorText));
}

Result<ErrorBody> decode_error(Bytes body) {
  Reader in(body);
  ErrorBody out;
  out.code = in.u16le();
  if (!in.ok() || in.remaining() > kMaxErrorText)
    return fail(ErrorCode::parse, "an error has a wrong length");
  out.text = as_text(in.rest());
  return out;
}

}  // namespace chieng
