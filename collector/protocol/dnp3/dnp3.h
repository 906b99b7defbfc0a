// DNP3 over TCP and UDP (IEEE 1815), as outstations of power and water networks speak it: the entry
// for the list of protocols.
#pragma once

#include "collector/protocol/parser.h"

namespace chieng::collector {

extern const Protocol kDnp3;

}  // namespace chieng::collector
