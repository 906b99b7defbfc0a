// The one catalogue of the program: what the collector's protocols offer to rules.
#pragma once

#include "core/inspect/catalogue.h"

namespace chieng::agent {

// Made at first use; lives as long as the program, so rule sets may refer to it.
[[nodiscard]] const Catalogue& catalogue();

}  // namespace chieng::agent
