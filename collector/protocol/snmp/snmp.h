// SNMP 1, 2c and 3 over UDP: the entry for the list of protocols.
#pragma once

#include "collector/protocol/parser.h"

namespace chieng::collector {

extern const Protocol kSnmp;

}  // namespace chieng::collector
