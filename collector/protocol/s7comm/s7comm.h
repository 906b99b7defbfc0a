// The beginning of Siemens S7 communication over ISO transport (RFC 1006): the entry for the list
// of protocols.
#pragma once

#include "collector/protocol/parser.h"

namespace chieng::collector {

extern const Protocol kS7comm;

}  // namespace chieng::collector
