// MQTT over TCP (3.1, 3.1.1, 5.0): the entry for the list of protocols.
#pragma once

#include "collector/protocol/parser.h"

namespace chieng::collector {

extern const Protocol kMqtt;

}  // namespace chieng::collector
