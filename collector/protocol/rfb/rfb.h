// RFB, the protocol of VNC: the entry for the list of protocols.
#pragma once

#include "collector/protocol/parser.h"

namespace chieng::collector {

extern const Protocol kRfb;

}  // namespace chieng::collector
