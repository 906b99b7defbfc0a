#include "core/inspect/inspector.h"

namespace chieng {

std::string_view to_string(RuleEngine e) {
  switch (e) {
    case RuleEngine::suricata:
      return "suricata";
    case RuleEngine::sigma:
      return "sigma";
    case RuleEngine::ioc:
      return "ioc";
  }
  return "suricata";
}

}  // namespace chieng
