#include "collector/protocol/ike/session.h"

namespace chieng::collector::ike {

void Session::take(const Message& message, Direction sender) {
  if (message.doi) doi = message.doi;
  if (message.major() == 1 && !message.encrypted)
    sides[index(sender)] = {message.key_exchange, message.nonce};
  if (sender != Direction::to_client) return;
  if (!message.transforms.empty()) chosen = message.transforms.front();
  for (const Proposal& p : message.proposals)
    for (const Transform& t : p.transforms)
      if (t.type < transforms.size()) transforms[t.type] = t.id;
}

}  // namespace chieng::collector::ike
