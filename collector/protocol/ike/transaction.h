// One IKE message.
#pragma once

#include "collector/protocol/ike/message.h"
#include "collector/protocol/ike/session.h"
#include "core/inspect/transaction.h"

namespace chieng::collector::ike {

class IkeTransaction final : public Transaction {
 public:
  IkeTransaction(AppProto proto, std::uint64_t id, Direction sender, Message message,
                 Session session);

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const override;
  [[nodiscard]] std::optional<std::uint64_t> integer(unsigned local, Direction d,
                                                     std::uint32_t instance) const override;
  void write(JsonWriter& out) const override;
  [[nodiscard]] Direction event_direction() const override { return sender_; }
  [[nodiscard]] bool one_sided() const override { return true; }

 private:
  [[nodiscard]] std::optional<std::uint64_t> chosen(unsigned attribute) const;
  void write_first(JsonWriter& out) const;
  void write_second(JsonWriter& out) const;

  Direction sender_;
  Message message_;
  Session session_;
};

}  // namespace chieng::collector::ike
