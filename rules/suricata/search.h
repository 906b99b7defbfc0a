// Finds one content's bytes in a buffer.
#pragma once

#include <cstddef>
#include <string_view>

#include "rules/suricata/signature.h"

namespace chieng::suricata {

inline constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

// The first occurrence that starts at or after `from` and ends at or before `end`; kNowhere where
// there is none.
[[nodiscard]] std::size_t find_content(std::string_view data, std::size_t from, std::size_t end,
                                       const Content& content);
[[nodiscard]] bool equals_at(std::string_view data, std::size_t at, const Content& content);

}  // namespace chieng::suricata
