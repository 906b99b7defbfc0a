// An EtherNet/IP request with its response.
#pragma once

#include "collector/protocol/enip/message.h"
#include "core/inspect/transaction.h"

namespace chieng::collector::enip {

enum class Buffer : std::uint8_t { product_name, service_name };
enum class Integer : std::uint8_t {
  command,
  status,
  protocol_version,
  revision,
  identity_status,
  state,
  serial,
  product_code,
  device_type,
  vendor,
  capabilities,
  cip_class,
  cip_attribute,
  cip_instance,
  cip_status,
  cip_extended,
  cip_service  // service << 32 | class << 16 | attribute, in each message
};
enum class Event : std::uint16_t { too_many_transactions, invalid_pdu };

extern const ProtocolSpec kSpec;

class EnipTransaction final : public Transaction {
 public:
  EnipTransaction(AppProto proto, std::uint64_t id) : Transaction(proto, id) {}

  void complete() {
    set_progress(Direction::to_server, 1);
    set_progress(Direction::to_client, 1);
  }

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const override;
  [[nodiscard]] std::optional<std::uint64_t> integer(unsigned local, Direction d,
                                                     std::uint32_t instance) const override;
  void write(JsonWriter& out) const override;

  std::optional<Message> request, response;

 private:
  [[nodiscard]] std::optional<std::uint64_t> of_message(Integer which, const Message& m) const;
};

}  // namespace chieng::collector::enip
