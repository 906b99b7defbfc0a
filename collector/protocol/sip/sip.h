// SIP over UDP and TCP (RFC 3261) with the session descriptions in it: the entry for the list of
// protocols.
#pragma once

#include "collector/protocol/parser.h"

namespace chieng::collector {

extern const Protocol kSip;

}  // namespace chieng::collector
