#pragma once

#include <string_view>

namespace chieng::agent {

[[nodiscard]] std::string_view version();  // as in "0.1.0"

}  // namespace chieng::agent
