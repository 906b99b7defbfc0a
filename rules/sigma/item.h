// One entry of a search, "field|modifier…: value(s)", as predicates.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/yaml.h"
#include "core/error/result.h"
#include "rules/sigma/builder.h"

namespace chieng::sigma {

using Placeholders = std::map<std::string, std::vector<std::string>>;

// key "" is a keyword. The error's context is the key.
[[nodiscard]] Result<NodeId> compile_item(std::string_view key, const YamlNode& value,
                                          const Placeholders& placeholders, Builder& builder);
// A search: a map, a list of maps or keywords, or one keyword.
[[nodiscard]] Result<NodeId> compile_search(const YamlNode& search,
                                            const Placeholders& placeholders, Builder& builder);

}  // namespace chieng::sigma
