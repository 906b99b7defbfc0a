// The integer condition that many keywords share: 5, !5, <5, >=5, 3-9, 3<>9, &0x0f=2, names.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/error/result.h"
#include "core/inspect/catalogue.h"

namespace chieng::suricata {

struct IntegerMatch {
  enum class Op : std::uint8_t {
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    between,
    not_between,  // bounds excluded
    mask,
    mask_equal,
    mask_not_equal  // (x & a) != 0, == b, != b
  };
  Op op = Op::equal;
  std::uint64_t a = 0, b = 0;
  [[nodiscard]] bool matches(std::uint64_t x) const;
};

// limit: the largest value that the field can hold; a rule that asks for more is wrong.
[[nodiscard]] Result<IntegerMatch> parse_integer(std::string_view text, std::uint64_t limit,
                                                 std::span<const NamedValue> names = {});

// The same where a range has its bounds in it: 3-9 and 3<>9 are 3 to 9.
[[nodiscard]] Result<IntegerMatch> parse_inclusive(std::string_view text, std::uint64_t limit);

}  // namespace chieng::suricata
