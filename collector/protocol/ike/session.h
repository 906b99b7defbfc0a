// What the messages of one flow agreed on so far; a copy goes into each transaction.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "collector/protocol/ike/message.h"
#include "core/inspect/catalogue.h"

namespace chieng::collector::ike {

struct Session {
  struct Side {
    std::optional<std::string> key_exchange, nonce;
  };
  std::optional<std::uint32_t> doi;
  Attributes chosen;          // version 1: of the responder's first transform
  std::array<Side, 2> sides;  // version 1, by sender
  // Version 2: of the responder's last proposal, by type (encryption, PRF, integrity, group, ESN).
  std::array<std::uint16_t, 6> transforms{0, 11, 0, 0, 0, 0};

  void take(const Message& message, Direction sender);
};

}  // namespace chieng::collector::ike
