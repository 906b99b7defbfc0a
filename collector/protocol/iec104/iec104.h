// IEC 60870-5-104, telecontrol over TCP: the entry for the list of protocols.
#pragma once

#include "collector/protocol/parser.h"

namespace chieng::collector {

extern const Protocol kIec104;

}  // namespace chieng::collector
