// A rule's condition: searches by name, and/or/not, parentheses, "1 of x*", "all of them".
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error/result.h"
#include "rules/sigma/builder.h"

namespace chieng::sigma {

using Searches = std::vector<std::pair<std::string, NodeId>>;  // in file order

// The error's context is the word at fault.
[[nodiscard]] Result<NodeId> compile_condition(std::string_view text, const Searches& searches,
                                               Builder& builder);

}  // namespace chieng::sigma
