// Numbers inside buffers: binary or as text.
#pragma once

#include <cstdint>
#include <optional>

#include "core/bytes/bytes.h"
#include "rules/suricata/signature.h"

namespace chieng::suricata {

struct ReadNumber {
  std::uint64_t value = 0;
  std::size_t length = 0;  // bytes that it took
};

// count bytes at `at`; nothing where they are not all there (text: where no digit is). count 0 as
// text: all digits.
[[nodiscard]] std::optional<ReadNumber> read_number(Bytes data, std::int64_t at, std::int64_t count,
                                                    Base base, bool little);
[[nodiscard]] std::uint64_t apply_mask(std::uint64_t value, std::uint64_t mask);  // 0: no mask

}  // namespace chieng::suricata
