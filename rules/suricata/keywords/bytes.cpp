// Numbers read from a buffer: byte_test, byte_jump, byte_extract, byte_math.
#include <fmt/format.h>

#include <array>
#include <optional>

#include "rules/suricata/keywords/keywords.h"
#include "rules/suricata/text.h"

namespace chieng::suricata::keywords {
namespace {

constexpr std::int64_t kFar = 65535;

std::optional<Base> base_of(std::string_view word) {
  if (word == "hex") return Base::hex;
  if (word == "dec") return Base::dec;
  if (word == "oct") return Base::oct;
  return std::nullopt;
}

// The words that all of them share; false: not one of them.
template <class T>
Result<bool> shared_word(std::string_view word, T& out) {
  if (word == "relative")
    out.relative = true;
  else if (word == "big")
    out.little = false;
  else if (word == "little")
    out.little = true;
  else if (word == "string")
    out.base = out.base == Base::binary ? Base::automatic : out.base;
  else if (const auto base = base_of(word))
    out.base = *base;
  else if (word == "dce")
    out.dce = true;
  else
    return false;
  return true;
}

Status unknown(std::string_view word) {
  return fail(ErrorCode::parse, fmt::format("\"{}\" is not known here", word));
}

Status need(const std::vector<std::string_view>& parts, std::size_t count, std::string_view form) {
  if (parts.size() >= count) return {};
  return fail(ErrorCode::parse,
              fmt::format("{} values are needed, {} are there", count, parts.size()),
              fmt::format("write {}", form));
}

Status check_count(const Number& count, Base base, std::int64_t low) {
  if (count.variable >= 0) return {};
  const std::int64_t high = base == Base::binary ? 8 : 23;
  const std::int64_t least = base == Base::binary ? low : 0;
  if (count.value < least || count.value > high)
    return fail(ErrorCode::parse,
                fmt::format("{} bytes cannot be read as a number: {} to {} are possible",
                            count.value, least, high));
  return {};
}

// "name 5": the value behind a word.
std::optional<std::string_view> after(std::string_view part, std::string_view word) {
  if (!part.starts_with(word) || part.size() <= word.size()) return std::nullopt;
  const char c = part[word.size()];
  if (c != ' ' && c != '\t') return std::nullopt;
  return trim(part.substr(word.size()));
}

Result<std::uint64_t> mask_of(std::string_view text) {
  const auto n =
      to_number(text.starts_with("0x") || text.starts_with("0X") ? std::string(text)
                                                                 : "0x" + std::string(text));
  if (!n || *n == 0) return fail(ErrorCode::parse, fmt::format("\"{}\" is not a bit mask", text));
  return *n;
}

Status parse_test_op(std::string_view op, ByteTest& out) {
  using Op = ByteTest::Op;
  static constexpr std::array<std::pair<std::string_view, Op>, 7> kOps = {
      {{"<=", Op::less_equal},
       {">=", Op::greater_equal},
       {"<", Op::less},
       {">", Op::greater},
       {"=", Op::equal},
       {"&", Op::bit_and},
       {"^", Op::bit_xor}}};
  if (op.starts_with('!')) {
    out.invert = true;
    op = trim(op.substr(1));
    if (op.empty()) op = "=";
  }
  for (const auto& [word, value] : kOps)
    if (op == word) {
      out.op = value;
      return {};
    }
  return fail(ErrorCode::parse, fmt::format("\"{}\" is not a comparison", op),
              "use < > = <= >= & ^, each with ! where it has to be false");
}

Status parse_byte_test(Builder& b, std::string_view v) {
  const auto parts = split(v, ',');
  CHIENG_CHECK(need(parts, 4, "byte_test:bytes,operator,value,offset;"));
  ByteTest out;
  CHIENG_TRY(out.count, b.number_or_variable(parts[0], 0, 23));
  CHIENG_CHECK(parse_test_op(parts[1], out));
  if (const auto big = to_number(parts[2])) {
    out.value = {static_cast<std::int64_t>(*big), -1};
  } else {
    CHIENG_TRY(out.value, b.number_or_variable(parts[2], 0, 0));
  }
  CHIENG_TRY(out.offset, b.number_or_variable(parts[3], -kFar, kFar));
  for (std::size_t i = 4; i < parts.size(); ++i) {
    CHIENG_TRY(const bool known, shared_word(parts[i], out));
    if (known) continue;
    const auto mask = after(parts[i], "bitmask");
    if (!mask) return unknown(parts[i]);
    CHIENG_TRY(out.bitmask, mask_of(*mask));
  }
  CHIENG_CHECK(check_count(out.count, out.base, 1));
  b.add_after_pattern({out, false, 0}, out.relative);
  return {};
}

Status jump_word(Builder& b, std::string_view part, ByteJump& out) {
  (void)b;
  if (part == "align")
    out.align = true;
  else if (part == "from_beginning")
    out.from_beginning = true;
  else if (part == "from_end")
    out.from_end = true;
  else if (const auto m = after(part, "multiplier")) {
    const auto n = to_number(*m);
    if (!n || *n == 0 || *n > 65535)
      return fail(ErrorCode::parse, fmt::format("multiplier {} is not from 1 to 65535", *m));
    out.multiplier = *n;
  } else if (const auto p = after(part, "post_offset")) {
    const auto n = to_signed(*p);
    if (!n || *n < -kFar || *n > kFar)
      return fail(ErrorCode::parse, fmt::format("post_offset {} is not from -65535 to 65535", *p));
    out.post_offset = *n;
  } else if (const auto mask = after(part, "bitmask")) {
    CHIENG_TRY(out.bitmask, mask_of(*mask));
  } else {
    return unknown(part);
  }
  return {};
}

Status parse_byte_jump(Builder& b, std::string_view v) {
  const auto parts = split(v, ',');
  CHIENG_CHECK(need(parts, 2, "byte_jump:bytes,offset;"));
  ByteJump out;
  CHIENG_TRY(out.count, b.number_or_variable(parts[0], 0, 23));
  CHIENG_TRY(out.offset, b.number_or_variable(parts[1], -kFar, kFar));
  for (std::size_t i = 2; i < parts.size(); ++i) {
    CHIENG_TRY(const bool known, shared_word(parts[i], out));
    if (!known) CHIENG_CHECK(jump_word(b, parts[i], out));
  }
  CHIENG_CHECK(check_count(out.count, out.base, 0));
  b.add_after_pattern({out, false, 0}, out.relative);
  return {};
}

Status parse_byte_extract(Builder& b, std::string_view v) {
  const auto parts = split(v, ',');
  CHIENG_CHECK(need(parts, 3, "byte_extract:bytes,offset,name;"));
  ByteExtract out;
  CHIENG_TRY(out.count, b.number_or_variable(parts[0], 0, 23));
  CHIENG_TRY(out.offset, b.number_or_variable(parts[1], -kFar, kFar));
  for (std::size_t i = 3; i < parts.size(); ++i) {
    CHIENG_TRY(const bool known, shared_word(parts[i], out));
    if (known) continue;
    const auto multiplier = after(parts[i], "multiplier");
    const auto align = after(parts[i], "align");
    const auto n = multiplier ? to_number(*multiplier) : align ? to_number(*align) : std::nullopt;
    if (multiplier && n && *n >= 1 && *n <= 65535)
      out.multiplier = *n;
    else if (align && n && (*n == 2 || *n == 4))
      out.align = static_cast<unsigned>(*n);
    else
      return unknown(parts[i]);
  }
  CHIENG_CHECK(check_count(out.count, out.base, 1));
  CHIENG_TRY(out.variable, b.define_variable(parts[2]));
  b.add_after_pattern({out, false, 0}, out.relative);
  return {};
}

Status parse_operator(std::string_view text, ByteMath& out) {
  if (text == "<<")
    out.oper = 'l';
  else if (text == ">>")
    out.oper = 'r';
  else if (text.size() == 1 && std::string_view("+-*/").find(text[0]) != std::string_view::npos)
    out.oper = text[0];
  else
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not an operation", text),
                "use + - * / << >>");
  return {};
}

struct MathSeen {
  bool bytes = false, offset = false, oper = false, rvalue = false;
  std::string_view result;
};

Status math_word(Builder& b, std::string_view part, ByteMath& out, MathSeen& seen) {
  const auto key = part.substr(0, part.find_first_of(" \t"));
  const auto value = trim(part.substr(key.size()));
  if (key == "relative") {
    out.relative = true;
  } else if (key == "bytes") {
    CHIENG_TRY(out.count, b.number_or_variable(value, 1, 10));
    seen.bytes = true;
  } else if (key == "offset") {
    CHIENG_TRY(out.offset, b.number_or_variable(value, -kFar, kFar));
    seen.offset = true;
  } else if (key == "oper") {
    CHIENG_CHECK(parse_operator(value, out));
    seen.oper = true;
  } else if (key == "rvalue") {
    CHIENG_TRY(out.rvalue, b.number_or_variable(value, 0, 0xffffffff));
    seen.rvalue = true;
  } else if (key == "result") {
    seen.result = value;
  } else if (key == "endian" && (value == "big" || value == "little")) {
    out.little = value == "little";
  } else if (key == "string" && base_of(value)) {
    out.base = *base_of(value);
  } else if (key == "bitmask") {
    CHIENG_TRY(out.bitmask, mask_of(value));
  } else if (key == "dce" || value == "dce") {
    out.dce = true;
  } else {
    return unknown(part);
  }
  return {};
}

Status parse_byte_math(Builder& b, std::string_view v) {
  ByteMath out;
  MathSeen seen;
  for (const std::string_view part : split(v, ',')) CHIENG_CHECK(math_word(b, part, out, seen));
  if (!seen.bytes || !seen.offset || !seen.oper || !seen.rvalue || seen.result.empty())
    return fail(ErrorCode::parse, "byte_math needs bytes, offset, oper, rvalue and result");
  if (out.count.variable < 0 && out.base == Base::binary && out.count.value > 4)
    return fail(ErrorCode::parse,
                fmt::format("{} bytes are too many for byte_math: at most 4", out.count.value));
  CHIENG_TRY(out.variable, b.define_variable(seen.result));
  b.add_after_pattern({out, false, 0}, out.relative);
  return {};
}

constexpr std::array kKeywords = {
    Keyword{"byte_test", Value::required, parse_byte_test},
    Keyword{"byte_jump", Value::required, parse_byte_jump},
    Keyword{"byte_extract", Value::required, parse_byte_extract},
    Keyword{"byte_math", Value::required, parse_byte_math},
};

}  // namespace

std::span<const Keyword> bytes() {
  return kKeywords;
}

}  // namespace chieng::suricata::keywords
