// A Modbus request with its response.
#pragma once

#include "collector/protocol/modbus/message.h"
#include "core/inspect/transaction.h"

namespace chieng::collector::modbus {

enum class Integer : std::uint8_t {
  function,
  sub_function,
  category,
  access,
  unit,
  read_address,  // each, counted from 1 as in documents of devices
  write_point    // address << 16 | value, counted from 1
};
enum class Event : std::uint16_t {
  invalid_protocol_id,
  unsolicited_response,
  invalid_length,
  invalid_value,
  invalid_exception_code,
  value_mismatch,
  flooded,
  invalid_function_code
};

extern const ProtocolSpec kSpec;

class ModbusTransaction final : public Transaction {
 public:
  ModbusTransaction(AppProto proto, std::uint64_t id) : Transaction(proto, id) {}

  void set_request(Message m) { request_ = std::move(m); }
  void set_response(Message m) {
    response_ = std::move(m);
    complete();
  }
  void complete() {
    set_progress(Direction::to_server, 1);
    set_progress(Direction::to_client, 1);
  }
  [[nodiscard]] const Message* request() const { return request_ ? &*request_ : nullptr; }

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned, Direction,
                                                  std::uint32_t) const override {
    return std::nullopt;
  }
  [[nodiscard]] std::optional<std::uint64_t> integer(unsigned local, Direction d,
                                                     std::uint32_t instance) const override;
  void write(JsonWriter& out) const override;

 private:
  std::optional<Message> request_, response_;
};

}  // namespace chieng::collector::modbus
