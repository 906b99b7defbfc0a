// The steps that read numbers. Part of Matcher.
#include "rules/suricata/match.h"
#include "rules/suricata/number.h"

namespace chieng::suricata {
namespace {

// Whether the step reads the lowest byte first. dce: as the protocol says of the buffer.
template <class Frame, class T>
bool order(const Frame& f, const T& step) {
  return step.dce ? f.window.little_endian : step.little;
}

}  // namespace

Matcher::Outcome Matcher::byte_test(const Frame& f, std::size_t i, std::size_t cursor,
                                    const ByteTest& t) {
  const std::int64_t at = value(t.offset) + (t.relative ? static_cast<std::int64_t>(cursor) : 0);
  const auto read = read_number(f.window.data, at, value(t.count), t.base, order(f, t));
  if (!read || f.window.data.empty()) return Outcome::local;
  const std::uint64_t x = apply_mask(read->value, t.bitmask);
  const std::uint64_t v = t.value.variable < 0
                              ? static_cast<std::uint64_t>(t.value.value)
                              : variables_[static_cast<std::size_t>(t.value.variable)];
  bool good = false;
  switch (t.op) {
    case ByteTest::Op::less:
      good = x < v;
      break;
    case ByteTest::Op::greater:
      good = x > v;
      break;
    case ByteTest::Op::equal:
      good = x == v;
      break;
    case ByteTest::Op::less_equal:
      good = x <= v;
      break;
    case ByteTest::Op::greater_equal:
      good = x >= v;
      break;
    case ByteTest::Op::bit_and:
      good = (x & v) != 0;
      break;
    case ByteTest::Op::bit_xor:
      good = (x ^ v) != 0;
      break;
  }
  if (good == t.invert) return Outcome::local;
  return next(f, i, cursor, static_cast<std::size_t>(at), read->length);
}

Matcher::Outcome Matcher::byte_jump(const Frame& f, std::size_t i, std::size_t cursor,
                                    const ByteJump& j) {
  const auto size = static_cast<std::int64_t>(f.window.data.size());
  const std::int64_t at = value(j.offset) + (j.relative ? static_cast<std::int64_t>(cursor) : 0);
  const std::int64_t count = value(j.count);
  std::uint64_t amount = 0;
  std::size_t length = 0;
  if (count == 0 && j.base == Base::binary) {
    if (at < 0 || at > size) return Outcome::local;
  } else {
    const auto read = read_number(f.window.data, at, count, j.base, order(f, j));
    if (!read) return Outcome::local;
    amount = apply_mask(read->value, j.bitmask) * j.multiplier;
    length = read->length;
  }
  if (j.align && amount % 4 != 0) amount += 4 - amount % 4;
  if (amount > static_cast<std::uint64_t>(size) + 65536) return Outcome::local;
  std::int64_t to = static_cast<std::int64_t>(amount) + j.post_offset;
  if (j.from_end)
    to += size;
  else if (!j.from_beginning)
    to += at + static_cast<std::int64_t>(length);
  if (to < 0) to = 0;
  if (to > size) return Outcome::local;
  return next(f, i, static_cast<std::size_t>(to), static_cast<std::size_t>(at), length);
}

Matcher::Outcome Matcher::byte_extract(const Frame& f, std::size_t i, std::size_t cursor,
                                       const ByteExtract& e) {
  const std::int64_t at = value(e.offset) + (e.relative ? static_cast<std::int64_t>(cursor) : 0);
  const auto read = read_number(f.window.data, at, value(e.count), e.base, order(f, e));
  if (!read) return Outcome::local;
  std::uint64_t x = read->value * e.multiplier;
  if (e.align != 0 && x % e.align != 0) x += e.align - x % e.align;
  variables_[static_cast<std::size_t>(e.variable)] = x;
  return next(f, i, static_cast<std::size_t>(at) + read->length, static_cast<std::size_t>(at),
              read->length);
}

Matcher::Outcome Matcher::byte_math(const Frame& f, std::size_t i, std::size_t cursor,
                                    const ByteMath& m) {
  const std::int64_t at = value(m.offset) + (m.relative ? static_cast<std::int64_t>(cursor) : 0);
  const auto read = read_number(f.window.data, at, value(m.count), m.base, order(f, m));
  if (!read) return Outcome::local;
  const std::uint64_t x = apply_mask(read->value, m.bitmask);
  const std::uint64_t r = m.rvalue.variable < 0
                              ? static_cast<std::uint64_t>(m.rvalue.value)
                              : variables_[static_cast<std::size_t>(m.rvalue.variable)];
  std::uint64_t out = 0;
  switch (m.oper) {
    case '+':
      out = x + r;
      break;
    case '-':
      out = x - r;
      break;
    case '*':
      out = x * r;
      break;
    case 'l':
      out = r < 64 ? x << r : 0;
      break;
    case 'r':
      out = r < 64 ? x >> r : 0;
      break;
    default:
      if (r == 0) return Outcome::local;
      out = x / r;
  }
  variables_[static_cast<std::size_t>(m.variable)] = out;
  return next(f, i, static_cast<std::size_t>(at) + read->length, static_cast<std::size_t>(at),
              read->length);
}

}  // namespace chieng::suricata
