// EtherNet/IP with CIP over TCP and UDP: the entry for the list of protocols.
#pragma once

#include "collector/protocol/parser.h"

namespace chieng::collector {

extern const Protocol kEnip;

}  // namespace chieng::collector
