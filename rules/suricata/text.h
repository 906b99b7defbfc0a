// Small helpers over the text of rules.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error/result.h"

namespace chieng::suricata {

[[nodiscard]] std::string_view trim(std::string_view text);
[[nodiscard]] std::string lower(std::string_view text);
[[nodiscard]] bool same_word(std::string_view a, std::string_view b);  // ASCII case ignored
[[nodiscard]] std::vector<std::string_view> split(std::string_view text,
                                                  char separator);         // pieces are trimmed
[[nodiscard]] std::vector<std::string_view> words(std::string_view text);  // split at blanks
// Decimal or 0x…; the whole text has to be the number.
[[nodiscard]] std::optional<std::uint64_t> to_number(std::string_view text);
[[nodiscard]] std::optional<std::int64_t> to_signed(std::string_view text);
// Quotes taken off where both are there.
[[nodiscard]] std::string_view unquoted(std::string_view text);

}  // namespace chieng::suricata
