// SSH (RFC 4253) as far as it is in the clear.
#pragma once

#include "collector/protocol/parser.h"

namespace chieng::collector {

extern const Protocol kSsh;

}  // namespace chieng::collector
