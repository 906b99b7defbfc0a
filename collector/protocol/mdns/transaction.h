// One message of multicast DNS or LLMNR: requests and responses are transactions of their own.
#pragma once

#include "collector/protocol/dns/message.h"
#include "core/inspect/transaction.h"

namespace chieng::collector::mdns {

enum class Buffer : std::uint8_t { queries, answers, authorities, additionals, response };
enum class Event : std::uint16_t {
  malformed_data,
  not_request,
  not_response,
  z_flag_set,
  invalid_opcode,
  name_too_long,
  infinite_loop,
  too_many_labels,
  invalid_additionals,
  invalid_authorities
};

class NameTransaction final : public Transaction {
 public:
  // key: the name of its object in EVE.
  NameTransaction(AppProto proto, std::uint64_t id, Direction direction, std::string_view key,
                  dns::Message message);

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const override;
  void write(JsonWriter& out) const override;
  [[nodiscard]] Direction event_direction() const override { return direction_; }
  [[nodiscard]] bool one_sided() const override { return true; }

 private:
  Direction direction_;
  std::string_view key_;
  dns::Message message_;
  PooledVector<const dns::Name*> response_names_;
};

}  // namespace chieng::collector::mdns
