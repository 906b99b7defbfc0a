// One DNS message: requests and responses are transactions of their own.
#pragma once

#include "collector/protocol/dns/message.h"
#include "core/inspect/transaction.h"

namespace chieng::collector::dns {

enum class Buffer : std::uint8_t { query, queries, answers, authorities, additionals, response };
enum class Integer : std::uint8_t { opcode, rcode, rrtype };
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

extern const ProtocolSpec kSpec;

class DnsTransaction final : public Transaction {
 public:
  DnsTransaction(AppProto proto, std::uint64_t id, Direction direction, Message message);

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const override;
  [[nodiscard]] std::optional<std::uint64_t> integer(unsigned local, Direction d,
                                                     std::uint32_t instance) const override;
  void write(JsonWriter& out) const override;
  [[nodiscard]] Direction event_direction() const override { return direction_; }
  [[nodiscard]] bool one_sided() const override { return true; }

 private:
  Direction direction_;
  Message message_;
  PooledVector<const Name*> response_names_;  // dns.response.rrname
};

// The members of EVE's dns object, version 3.
void write_message(JsonWriter& out, const Message& message, std::uint64_t tx_id);

}  // namespace chieng::collector::dns
