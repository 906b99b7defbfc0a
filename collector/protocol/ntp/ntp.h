// NTP versions 3 and 4 (RFC 5905): the entry for the list of protocols.
#pragma once

#include "collector/protocol/parser.h"

namespace chieng::collector {

extern const Protocol kNtp;

}  // namespace chieng::collector
