#include "collector/protocol/asn1/ber.h"

#include "core/bytes/reader.h"

namespace chieng::collector::asn1 {
namespace {

constexpr std::uint8_t kConstructed = 0x20, kLongTag = 0x1f, kLongLength = 0x80;
constexpr unsigned kMostTagBytes = 4, kMostLengthBytes = 4;

bool read_tag(Reader& in, Head& out) {
  const std::uint8_t first = in.u8();
  out.klass = static_cast<Class>(first >> 6);
  out.constructed = (first & kConstructed) != 0;
  out.number = first & kLongTag;
  if (out.number != kLongTag) return true;
  out.number = 0;
  for (unsigned i = 0; i < kMostTagBytes; ++i) {
    const std::uint8_t b = in.u8();
    out.number = out.number << 7 | (b & 0x7fu);
    if ((b & 0x80u) == 0 || !in.ok()) return true;
  }
  return false;
}

bool read_length(Reader& in, Head& out) {
  const std::uint8_t first = in.u8();
  out.content_size = first;
  if ((first & kLongLength) == 0) return true;
  const unsigned count = first & 0x7fu;
  if (count == 0 || count > kMostLengthBytes) return !in.ok();
  out.content_size = 0;
  for (unsigned i = 0; i < count; ++i) out.content_size = out.content_size << 8 | in.u8();
  return true;
}

}  // namespace

HeadState read_head(Bytes data, Head& out) {
  Reader in(data);
  if (!read_tag(in, out)) return HeadState::bad;
  if (!in.ok()) return HeadState::cut;
  if (!read_length(in, out)) return HeadState::bad;
  if (!in.ok()) return HeadState::cut;
  out.head_size = in.position();
  return HeadState::whole;
}

std::optional<Value> BerReader::peek() const {
  Head head;
  if (failed_ || read_head(rest_, head) != HeadState::whole ||
      head.content_size > rest_.size() - head.head_size)
    return std::nullopt;
  const auto content_size = static_cast<std::size_t>(head.content_size);
  return Value{head.klass, head.constructed, head.number,
               rest_.subspan(head.head_size, content_size), head.head_size + content_size};
}

std::optional<Value> BerReader::next() {
  auto out = peek();
  if (out)
    rest_ = rest_.subspan(out->size);
  else
    failed_ = true;
  return out;
}

std::optional<Value> BerReader::expect(std::uint32_t universal_tag) {
  auto out = next();
  if (!out || out->is(universal_tag)) return out;
  failed_ = true;
  return std::nullopt;
}

std::optional<std::int64_t> integer(const Value& value) {
  if (value.content.empty() || value.content.size() > 8) return std::nullopt;
  const bool negative = (std::to_integer<unsigned>(value.content[0]) & 0x80u) != 0;
  std::uint64_t out = negative ? ~std::uint64_t{0} : 0;
  for (const std::byte b : value.content) out = out << 8 | std::to_integer<std::uint64_t>(b);
  return static_cast<std::int64_t>(out);
}

std::optional<bool> boolean(const Value& value) {
  if (value.content.size() != 1) return std::nullopt;
  return value.content[0] != std::byte{0};
}

std::optional<std::string> oid(const Value& value) {
  std::string out;
  std::uint64_t arc = 0;
  bool open = false;
  for (const std::byte byte : value.content) {
    if (arc >> 57 != 0) return std::nullopt;
    arc = arc << 7 | (std::to_integer<std::uint64_t>(byte) & 0x7fu);
    open = (std::to_integer<unsigned>(byte) & 0x80u) != 0;
    if (open) continue;
    if (out.empty()) {
      const std::uint64_t first = arc < 80 ? arc / 40 : 2;
      out = std::to_string(first);
      arc -= first * 40;
    }
    out += '.' + std::to_string(arc);
    arc = 0;
  }
  if (open || out.empty()) return std::nullopt;
  return out;
}

}  // namespace chieng::collector::asn1
