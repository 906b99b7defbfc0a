#include "agent/version.h"

namespace chieng::agent {

std::string_view version() {
  return CHIENG_VERSION;
}

}  // namespace chieng::agent
