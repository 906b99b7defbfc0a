// DTLS: the entry for the list of protocols.
#pragma once

#include "collector/protocol/parser.h"

namespace chieng::collector {

extern const Protocol kDtls;

}  // namespace chieng::collector
