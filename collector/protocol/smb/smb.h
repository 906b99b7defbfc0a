// SMB 1, 2 and 3 over TCP: the entry for the list of protocols.
#pragma once

#include "collector/protocol/parser.h"

namespace chieng::collector {

extern const Protocol kSmb;

}  // namespace chieng::collector
