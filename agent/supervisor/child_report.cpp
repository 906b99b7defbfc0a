#include "agent/supervisor/child_report.h"

namespace chieng::agent {

std::string_view to_string(ChildKind kind) {
  switch (kind) {
    case ChildKind::packets:
      return "packets";
    case ChildKind::logs:
      return "logs";
    case ChildKind::shipper:
      return "shipper";
  }
  return "packets";
}

}  // namespace chieng::agent
