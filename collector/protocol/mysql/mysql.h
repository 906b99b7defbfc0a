// The login of MySQL and MariaDB (MySQL documentation, "Connection Phase"): the entry for the list
// of protocols.
#pragma once

#include "collector/protocol/parser.h"

namespace chieng::collector {

extern const Protocol kMysql;

}  // namespace chieng::collector
