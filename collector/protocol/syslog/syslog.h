// Syslog over UDP and TCP (RFC 3164, RFC 5424, RFC 6587): recognised only. The entry for the list
// of protocols.
#pragma once

#include "collector/protocol/parser.h"

namespace chieng::collector {

extern const Protocol kSyslog;

}  // namespace chieng::collector
