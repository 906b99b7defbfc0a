// Multicast DNS (RFC 6762) and LLMNR (RFC 4795): messages of DNS on ports of their own. Two entries
// for the list of protocols.
#pragma once

#include "collector/protocol/parser.h"

namespace chieng::collector {

extern const Protocol kMdns;
extern const Protocol kLlmnr;

}  // namespace chieng::collector
