// One YAML document as a rule.
#pragma once

#include <string>
#include <string_view>

#include "core/config/yaml.h"
#include "core/error/result.h"
#include "rules/sigma/builder.h"
#include "rules/sigma/rule_set.h"

namespace chieng::sigma {

// Adds the document's rule to the builder. True: added; false: left out by the options. The error's
// context is the part at fault. text is the document as written, for RuleInfo.
[[nodiscard]] Result<bool> load_document(const YamlNode& document, std::string_view text,
                                         std::string_view file, const LoadOptions& options,
                                         Builder& builder);

}  // namespace chieng::sigma
