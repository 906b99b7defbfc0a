// What follows a 101 response or an answered CONNECT.
#pragma once

#include "collector/protocol/http/connection.h"

namespace chieng::collector::http {

// Tells the flow which protocol goes on behind the transaction's response, where its Upgrade header
// names one that is known.
void leave_for_next_protocol(Connection& connection, const HttpTransaction& tx);

}  // namespace chieng::collector::http
