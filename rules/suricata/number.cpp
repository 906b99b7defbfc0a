#include "rules/suricata/number.h"

#include <algorithm>
#include <bit>

#include "core/bytes/reader.h"

namespace chieng::suricata {
namespace {

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

std::optional<std::uint64_t> read_text(std::string_view text, Base base) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  const bool prefix = text.starts_with("0x") || text.starts_with("0X");
  int radix = base == Base::hex ? 16 : base == Base::oct ? 8 : 10;
  if (base == Base::automatic && !prefix && text.starts_with('0')) radix = 8;
  if (base == Base::automatic && prefix) radix = 16;
  if (radix == 16 && prefix) text.remove_prefix(2);
  if (text.empty() || digit(text.front()) >= radix) return std::nullopt;
  std::uint64_t out = 0;
  for (const char c : text) {
    const int d = digit(c);
    if (d >= radix) break;
    if (out > (~std::uint64_t{0} - static_cast<unsigned>(d)) / static_cast<unsigned>(radix))
      return std::nullopt;
    out = out * static_cast<unsigned>(radix) + static_cast<unsigned>(d);
  }
  return out;
}

}  // namespace

std::optional<ReadNumber> read_number(Bytes data, std::int64_t at, std::int64_t count, Base base,
                                      bool little) {
  if (at < 0 || count < 0 || static_cast<std::uint64_t>(at) > data.size()) return std::nullopt;
  Bytes rest = data.subspan(static_cast<std::size_t>(at));
  if (base != Base::binary) {
    if (count > 0 && static_cast<std::size_t>(count) > rest.size()) return std::nullopt;
    const std::size_t size =
        count > 0 ? static_cast<std::size_t>(count) : std::min<std::size_t>(rest.size(), 23);
    const auto value = read_text(as_text(rest.subspan(0, size)), base);
    if (!value) return std::nullopt;
    return ReadNumber{*value, size};
  }
  if (count > 8) return std::nullopt;
  Reader reader(rest);
  const Bytes raw = reader.take(static_cast<std::size_t>(count));
  if (!reader.ok()) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < raw.size(); ++i)
    value = value << 8 | std::to_integer<std::uint64_t>(raw[little ? raw.size() - 1 - i : i]);
  return ReadNumber{value, raw.size()};
}

std::uint64_t apply_mask(std::uint64_t value, std::uint64_t mask) {
  return mask == 0 ? value : (value & mask) >> std::countr_zero(mask);
}

}  // namespace chieng::suricata
