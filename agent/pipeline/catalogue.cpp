#include "agent/pipeline/catalogue.h"

#include "collector/protocol/parser.h"

namespace chieng::agent {

const Catalogue& catalogue() {
  static const Catalogue all(collector::protocol_specs(), collector::packet_event_names());
  return all;
}

}  // namespace chieng::agent
