// Keywords that protocols bring with them: sticky buffers, content modifiers of old, integers.
#pragma once

#include <optional>

#include "rules/suricata/builder.h"

namespace chieng::suricata {

// Nothing where the catalogue has no such name.
[[nodiscard]] std::optional<Status> apply_catalogue_keyword(Builder& builder,
                                                            const RawOption& option);

}  // namespace chieng::suricata
