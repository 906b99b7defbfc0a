#include "collector/log/evtx_value.h"

#include <fmt/format.h>

#include <bit>

#include "core/bytes/reader.h"

namespace chieng::collector::evtx {
namespace {

constexpr std::size_t most_items = 4096;

void append_character(std::string& out, std::uint32_t c) {
  const auto put = [&](std::uint32_t b) { out.push_back(static_cast<char>(b)); };
  if (c < 0x80) return put(c);
  if (c < 0x800)
    put(0xC0 | c >> 6);
  else if (c < 0x10000)
    put(0xE0 | c >> 12);
  else
    put(0xF0 | c >> 18);
  if (c >= 0x10000) put(0x80 | (c >> 12 & 0x3F));
  if (c >= 0x800) put(0x80 | (c >> 6 & 0x3F));
  put(0x80 | (c & 0x3F));
}

std::string guid(Bytes b) {
  Reader r(b);
  const auto a = r.u32le();
  const auto c = r.u16le(), d = r.u16le();
  const auto e = r.u16();
  const auto f = r.u16();
  const auto g = r.u32();
  return fmt::format("{{{:08X}-{:04X}-{:04X}-{:04X}-{:04X}{:08X}}}", a, c, d, e, f, g);
}

std::string sid(Bytes b) {
  Reader r(b);
  const auto revision = r.u8(), count = r.u8();
  std::uint64_t authority = r.u16();
  authority = authority << 32 | r.u32();
  std::string out = fmt::format("S-{}-{}", revision, authority);
  for (int i = 0; i < count && r.remaining() >= 4; ++i) out += fmt::format("-{}", r.u32le());
  return out;
}

// Days since 1970 as year, month, day (proleptic Gregorian).
std::string date(std::int64_t days) {
  const std::int64_t z = days + 719'468, era = (z >= 0 ? z : z - 146'096) / 146'097;
  const std::int64_t doe = z - era * 146'097,
                     yoe = (doe - doe / 1460 + doe / 36'524 - doe / 146'096) / 365;
  const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
  const std::int64_t month = mp < 10 ? mp + 3 : mp - 9;
  return fmt::format("{:04}-{:02}-{:02}", yoe + era * 400 + (month <= 2 ? 1 : 0), month,
                     doy - (153 * mp + 2) / 5 + 1);
}

// 100 ns since 1601.
std::string file_time(std::uint64_t ticks) {
  const std::uint64_t seconds = ticks / 10'000'000, part = ticks % 10'000'000;
  const auto day = static_cast<std::int64_t>(seconds / 86'400) - 134'774;
  const std::uint64_t s = seconds % 86'400;
  return fmt::format("{}T{:02}:{:02}:{:02}.{:07}Z", date(day), s / 3600, s / 60 % 60, s % 60, part);
}

std::string system_time(Bytes b) {
  Reader r(b);
  const auto year = r.u16le(), month = r.u16le();
  (void)r.u16le();
  const auto day = r.u16le(), hour = r.u16le(), minute = r.u16le(), second = r.u16le(),
             ms = r.u16le();
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", year, month, day, hour, minute,
                     second, ms);
}

TypedText number(std::int64_t value) {
  return {fmt::to_string(value), true, value};
}

// Of integers and array items; 0: the type has no fixed size.
std::size_t size_of(std::uint8_t type) {
  switch (type) {
    case 0x03:
    case 0x04:
      return 1;
    case 0x05:
    case 0x06:
      return 2;
    case 0x07:
    case 0x08:
    case 0x0B:
    case 0x0D:
    case 0x14:
      return 4;
    case 0x09:
    case 0x0A:
    case 0x0C:
    case 0x11:
    case 0x15:
      return 8;
    case 0x0F:
    case 0x12:
      return 16;
    default:
      return 0;
  }
}

TypedText fixed(std::uint8_t type, Bytes bytes) {
  Reader r(bytes);
  switch (type) {
    case 0x03:
      return number(static_cast<std::int8_t>(r.u8()));
    case 0x04:
      return number(r.u8());
    case 0x05:
      return number(static_cast<std::int16_t>(r.u16le()));
    case 0x06:
      return number(r.u16le());
    case 0x07:
      return number(static_cast<std::int32_t>(r.u32le()));
    case 0x08:
      return number(r.u32le());
    case 0x09:
      return number(static_cast<std::int64_t>(r.u64le()));
    case 0x0A: {
      const std::uint64_t value = r.u64le();
      return value >> 63 != 0 ? TypedText{fmt::to_string(value), false, 0}
                              : number(static_cast<std::int64_t>(value));
    }
    case 0x0B:
      return {fmt::to_string(std::bit_cast<float>(r.u32le())), false, 0};
    case 0x0C:
      return {fmt::to_string(std::bit_cast<double>(r.u64le())), false, 0};
    case 0x0D:
      return {r.u32le() != 0 ? "true" : "false", false, 0};
    case 0x0F:
      return {guid(bytes), false, 0};
    case 0x11:
      return {file_time(r.u64le()), false, 0};
    case 0x12:
      return {system_time(bytes), false, 0};
    case 0x14:
      return {fmt::format("0x{:x}", r.u32le()), false, 0};
    default:
      return {fmt::format("0x{:x}", r.u64le()), false, 0};
  }
}

std::string upper_hex(Bytes bytes) {
  std::string out;
  for (const std::byte b : bytes)
    fmt::format_to(std::back_inserter(out), "{:02X}", std::to_integer<unsigned>(b));
  return out;
}

std::vector<TypedText> text_items(Bytes bytes) {
  std::vector<TypedText> out;
  while (bytes.size() >= 2 && out.size() < most_items) {
    std::size_t end = 0;
    while (end + 1 < bytes.size() && (bytes[end] != std::byte{0} || bytes[end + 1] != std::byte{0}))
      end += 2;
    out.emplace_back();
    append_utf16(out.back().text, bytes.first(end));
    bytes = bytes.subspan(std::min(end + 2, bytes.size()));
  }
  return out;
}

}  // namespace

void append_utf16(std::string& out, Bytes bytes) {
  Reader r(bytes);
  while (r.remaining() >= 2) {
    std::uint32_t c = r.u16le();
    if (c == 0) return;
    if (c >= 0xD800 && c < 0xDC00 && r.remaining() >= 2) {
      Reader ahead = r;
      const std::uint32_t low = ahead.u16le();
      if (low >= 0xDC00 && low < 0xE000) {
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        r = ahead;
      }
    }
    append_character(out, c >= 0xD800 && c < 0xE000 ? 0xFFFD : c);
  }
}

std::vector<TypedText> decode_value(std::uint8_t type, Bytes bytes) {
  const std::uint8_t plain = type & 0x7F;
  if ((type & type_array) != 0) {
    if (plain == type_text) return text_items(bytes);
    const std::size_t size = size_of(plain);
    std::vector<TypedText> out;
    for (std::size_t at = 0; size > 0 && at + size <= bytes.size() && out.size() < most_items;
         at += size)
      out.push_back(fixed(plain, bytes.subspan(at, size)));
    return out;
  }
  if (const std::size_t size = size_of(plain); size > 0) {
    if (bytes.size() < size) return {};
    return {fixed(plain, bytes.first(size))};
  }
  TypedText out;
  switch (plain) {
    case type_text:
      append_utf16(out.text, bytes);
      break;
    case 0x02:
      out.text = as_text(bytes).substr(0, as_text(bytes).find('\0'));
      break;
    case 0x0E:
      out.text = upper_hex(bytes);
      break;
    case 0x10:
      return bytes.size() >= 8 ? decode_value(0x15, bytes) : decode_value(0x14, bytes);
    case 0x13:
      out.text = sid(bytes);
      break;
    default:
      return {};
  }
  return {out};
}

}  // namespace chieng::collector::evtx
