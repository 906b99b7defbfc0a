// What the commands on the machine itself do, as one function over the store: request in, answer
// out, both JSON texts. It runs inside the server when one runs (reached by admin_socket.h), else
// in the command's own process with the folder locked: so core.db never has two writing processes.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "server/store/store.h"
#include "transport/keys/keys.h"

namespace chieng::server {

struct AdminContext {
  Store& store;
  PublicKey server_key;  // goes into enrolment tokens
  std::string enrolment_address;
  std::function<Status()> publish_keys;  // after a revocation; may be empty
};

// {"command":"agency.add","who":"root", ...} → {"ok":{...}} or {"error":"..."}. Never throws.
[[nodiscard]] std::string admin_call(const AdminContext& context, std::string_view request);

}  // namespace chieng::server
