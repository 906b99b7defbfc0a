// How much there is: bsize, urilen, isdataat, entropy, asn1.
#include <fmt/format.h>

#include <array>
#include <cstdlib>

#include "rules/suricata/keywords/keywords.h"
#include "rules/suricata/text.h"

namespace chieng::suricata::keywords {
namespace {

Status parse_bsize(Builder& b, std::string_view v) {
  if (!b.in_sticky_buffer())
    return fail(ErrorCode::parse, "bsize has to follow the name of a buffer",
                "use dsize for the payload of a packet");
  Size size;
  CHIENG_TRY(size.match, parse_integer(v, ~std::uint64_t{0}));
  b.add({size, false, 0});
  return {};
}

Status parse_urilen(Builder& b, std::string_view v) {
  const auto parts = split(v, ',');
  if (parts.size() > 2 || (parts.size() == 2 && parts[1] != "raw" && parts[1] != "norm"))
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not a length with raw or norm", v));
  const bool raw = parts.size() == 2 && parts[1] == "raw";
  const std::string_view name = raw ? "http.uri.raw" : "http.uri";
  const auto buffer = b.catalogue().buffer(name);
  if (!buffer)
    return fail(ErrorCode::unsupported, fmt::format("buffer {} is not supported yet", name));
  Size size;
  CHIENG_TRY(size.match, parse_integer(parts[0], 65535));
  b.list_of({*buffer, {}}, name).steps.push_back({size, false, b.option_index()});
  return {};
}

Status parse_isdataat(Builder& b, std::string_view v) {
  Step step;
  step.negated = b.negate(v);
  DataAt at;
  const auto parts = split(v, ',');
  CHIENG_TRY(at.count, b.number_or_variable(parts[0], 0, 65535));
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (parts[i] == "relative")
      at.relative = true;
    else if (parts[i] != "rawbytes")
      return fail(ErrorCode::parse, fmt::format("isdataat takes relative, not \"{}\"", parts[i]));
  }
  step.what = at;
  b.add_after_pattern(std::move(step), at.relative);
  return {};
}

// asn1:oversize_length 1024, relative_offset -1;
Status parse_asn1(Builder& b, std::string_view v) {
  Asn1Check out;
  for (const std::string_view part : split(v, ',')) {
    const auto space = part.find(' ');
    const std::string_view name = part.substr(0, space);
    const std::string_view value =
        space == std::string_view::npos ? std::string_view{} : trim(part.substr(space));
    const auto number = to_signed(value);
    const bool places = name == "absolute_offset" || name == "relative_offset";
    if (name == "bitstring_overflow")
      out.bit_string = true;
    else if (name == "double_overflow")
      out.real = true;
    else if (name == "oversize_length" && number && *number > 0 && *number <= 0xffffffff)
      out.longest = static_cast<std::uint32_t>(*number);
    else if (places && number && *number >= -65535 && *number <= 65535)
      out.offset = *number, out.relative = name == "relative_offset";
    else
      return fail(ErrorCode::parse, fmt::format("\"{}\" is nothing that asn1 takes", part),
                  "write bitstring_overflow, double_overflow, oversize_length 1024, "
                  "absolute_offset 4 or relative_offset 0");
  }
  Step step;
  step.what = out;
  b.add_after_pattern(std::move(step), out.relative);
  return {};
}

Result<double> decimal(std::string_view text) {
  const std::string copy(trim(text));
  char* end = nullptr;
  const double out = std::strtod(copy.c_str(), &end);
  if (copy.empty() || end != copy.c_str() + copy.size())
    return fail(ErrorCode::parse, fmt::format("\"{}\" is not a number", text));
  return out;
}

Status parse_entropy_value(std::string_view text, Entropy& out) {
  using Op = IntegerMatch::Op;
  static constexpr std::array<std::pair<std::string_view, Op>, 6> kOps = {
      {{"<=", Op::less_equal},
       {">=", Op::greater_equal},
       {"!=", Op::not_equal},
       {"<", Op::less},
       {">", Op::greater},
       {"=", Op::equal}}};
  for (const auto& [word, op] : kOps)
    if (text.starts_with(word)) {
      out.op = op;
      CHIENG_TRY(out.a, decimal(text.substr(word.size())));
      return {};
    }
  const bool negated = text.starts_with('!');
  if (negated) text.remove_prefix(1);
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) {
    out.op = negated ? Op::not_equal : Op::equal;
    CHIENG_TRY(out.a, decimal(text));
    return {};
  }
  out.op = negated ? Op::not_between : Op::between;
  CHIENG_TRY(out.a, decimal(text.substr(0, dash)));
  CHIENG_TRY(out.b, decimal(text.substr(dash + 1)));
  return {};
}

Status parse_entropy(Builder& b, std::string_view v) {
  Entropy out;
  bool has_value = false;
  for (const std::string_view part : split(v, ',')) {
    const auto key = part.substr(0, part.find(' '));
    const auto rest = trim(part.substr(key.size()));
    if (key == "bytes" || key == "offset") {
      const auto n = to_number(rest);
      if (!n || *n > 0xffffffffu)
        return fail(ErrorCode::parse, fmt::format("\"{}\" is not a number of bytes", part));
      (key == "bytes" ? out.bytes : out.offset) = static_cast<std::uint32_t>(*n);
      continue;
    }
    CHIENG_CHECK(parse_entropy_value(key == "value" ? rest : part, out));
    has_value = true;
  }
  if (!has_value)
    return fail(ErrorCode::parse, "entropy needs a value", "write entropy:value > 5;");
  b.add({out, false, 0});
  return {};
}

constexpr std::array kKeywords = {
    Keyword{"bsize", Value::required, parse_bsize},
    Keyword{"urilen", Value::required, parse_urilen},
    Keyword{"isdataat", Value::required, parse_isdataat},
    Keyword{"asn1", Value::required, parse_asn1},
    Keyword{"entropy", Value::required, parse_entropy},
};

}  // namespace

std::span<const Keyword> size() {
  return kKeywords;
}

}  // namespace chieng::suricata::keywords
