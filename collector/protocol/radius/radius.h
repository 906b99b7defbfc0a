// RADIUS over UDP (RFC 2865, RFC 2866): the entry for the list of protocols.
#pragma once

#include "collector/protocol/parser.h"

namespace chieng::collector {

extern const Protocol kRadius;

}  // namespace chieng::collector
