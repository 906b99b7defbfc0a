// System calls by seccomp: what no child ever needs is refused with EPERM. The only place that
// includes libseccomp.
#pragma once

#include "core/error/result.h"

namespace chieng::agent {

// internet false: no sockets of IPv4 and IPv6 either. no_new_privs has to be set.
[[nodiscard]] Status restrict_system_calls(bool internet);

}  // namespace chieng::agent
