// A message that opens an RDP session, complete as it is.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "collector/protocol/rdp/messages.h"
#include "core/inspect/transaction.h"

namespace chieng::collector::rdp {

extern const ProtocolSpec kSpec;

struct ConnectResponse {};
struct TlsHandshake {
  std::vector<std::string> serials;
};

class RdpTransaction final : public Transaction {
 public:
  using Message = std::variant<ConnectionRequest, ConnectionConfirm, ConnectRequest,
                               ConnectResponse, TlsHandshake>;

  RdpTransaction(AppProto proto, std::uint64_t id, Message message)
      : Transaction(proto, id), message_(std::move(message)) {
    set_progress(Direction::to_server, 1);
    set_progress(Direction::to_client, 1);
  }
  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned, Direction,
                                                  std::uint32_t) const override {
    return std::nullopt;
  }
  void write(JsonWriter& out) const override;
  // Who acknowledges a message completes it.
  [[nodiscard]] Direction event_direction() const override {
    const bool asks = std::holds_alternative<ConnectionRequest>(message_) ||
                      std::holds_alternative<ConnectRequest>(message_);
    return asks ? Direction::to_client : Direction::to_server;
  }

 private:
  Message message_;
};

}  // namespace chieng::collector::rdp
