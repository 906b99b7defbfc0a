// Wide characters as the single byte that a lenient server may take them for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/memory/pool.h"

namespace chieng::collector::http {

[[nodiscard]] char best_fit(std::uint32_t code_point);  // '?' where there is none
// Every UTF-8 sequence (overlong ones too) replaced so; bytes that are not UTF-8 stay.
[[nodiscard]] PooledString best_fit_utf8(PooledString text);

}  // namespace chieng::collector::http
