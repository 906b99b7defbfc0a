// FTP's control connection: the entry for the list of protocols.
#pragma once

#include "collector/protocol/parser.h"

namespace chieng::collector {

extern const Protocol kFtp;

}  // namespace chieng::collector
