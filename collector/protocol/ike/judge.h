// Which proposals of version 2 are weak (RFC 8247 and what was broken before it).
#pragma once

#include <vector>

#include "collector/protocol/ike/message.h"
#include "collector/protocol/ike/spec.h"

namespace chieng::collector::ike {

// Each event once.
[[nodiscard]] std::vector<Event> judge(const Message& message);

}  // namespace chieng::collector::ike
