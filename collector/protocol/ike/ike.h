// IKE, versions 1 and 2: the entry for the list of protocols.
#pragma once

#include "collector/protocol/parser.h"

namespace chieng::collector {

extern const Protocol kIke;

}  // namespace chieng::collector
