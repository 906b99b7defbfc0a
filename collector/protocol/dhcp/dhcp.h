// DHCP for IPv4: the entry for the list of protocols.
#pragma once

#include "collector/protocol/parser.h"

namespace chieng::collector {

extern const Protocol kDhcp;

}  // namespace chieng::collector
