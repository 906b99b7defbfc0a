// One DHCP message: requests and replies are transactions of their own.
#pragma once

#include "collector/protocol/dhcp/message.h"
#include "core/inspect/transaction.h"

namespace chieng::collector::dhcp {

enum class Integer : std::uint8_t { lease_time, rebinding_time, renewal_time };
enum class Event : std::uint16_t { truncated_options, malformed_options };

extern const ProtocolSpec kSpec;

class DhcpTransaction final : public Transaction {
 public:
  DhcpTransaction(AppProto proto, std::uint64_t id, Direction direction, Message message)
      : Transaction(proto, id), direction_(direction), message_(std::move(message)) {
    set_progress(Direction::to_server, 1);
    set_progress(Direction::to_client, 1);
  }

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned, Direction,
                                                  std::uint32_t) const override {
    return std::nullopt;
  }
  [[nodiscard]] std::optional<std::uint64_t> integer(unsigned local, Direction d,
                                                     std::uint32_t instance) const override;
  void write(JsonWriter& out) const override;
  [[nodiscard]] Direction event_direction() const override { return direction_; }
  [[nodiscard]] bool one_sided() const override { return true; }

 private:
  Direction direction_;
  Message message_;
};

}  // namespace chieng::collector::dhcp
