// An exchange of MQTT: a message and those that answer it, as SUBSCRIBE and SUBACK. It belongs to
// the direction of its first message.
#pragma once

#include <vector>

#include "collector/protocol/mqtt/message.h"
#include "core/inspect/transaction.h"

namespace chieng::collector::mqtt {

enum class Buffer : std::uint8_t {
  client_id,
  username,
  password,
  will_topic,
  will_message,
  protocol,
  publish_topic,
  publish_message,
  subscribe_topic,
  unsubscribe_topic
};
enum class Integer : std::uint8_t {
  type,
  flags,
  qos,
  version,
  reason_code,
  session_present,
  connect_flags
};
enum class Event : std::uint16_t {
  missing_connect,
  missing_publish,
  missing_subscribe,
  missing_unsubscribe,
  double_connect,
  unintroduced_message,
  invalid_qos_level,
  missing_msg_id,
  unassigned_msg_type,
  too_many_transactions,
  malformed_traffic,
  too_many_messages
};

extern const ProtocolSpec kSpec;

class MqttTransaction final : public Transaction {
 public:
  static constexpr std::size_t kMostMessages = 1024;
  static constexpr std::uint32_t kConnectId = 1u << 16;  // beside the 16 bits of packet ids

  MqttTransaction(AppProto proto, std::uint64_t id, Direction direction, std::uint8_t version)
      : Transaction(proto, id), direction_(direction), version_(version) {}

  void add(Message message) { messages_.push_back(std::move(message)); }
  [[nodiscard]] std::size_t size() const { return messages_.size(); }
  [[nodiscard]] Type first_type() const { return messages_.front().type; }
  void complete() {
    waits_for.reset();
    set_progress(Direction::to_server, 1);
    set_progress(Direction::to_client, 1);
  }

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const override;
  [[nodiscard]] std::optional<std::uint64_t> integer(unsigned local, Direction d,
                                                     std::uint32_t instance) const override;
  void write(JsonWriter& out) const override;
  [[nodiscard]] Direction event_direction() const override { return direction_; }
  [[nodiscard]] bool one_sided() const override { return true; }

  std::optional<std::uint32_t> waits_for;  // a packet id, or kConnectId
  std::size_t bytes = 0;                   // of its messages on the wire

 private:
  [[nodiscard]] const Message* first_of(Type type) const;
  [[nodiscard]] const Connect* connect() const;
  [[nodiscard]] std::optional<std::uint64_t> reason(std::uint32_t instance) const;

  Direction direction_;
  std::uint8_t version_;
  std::vector<Message> messages_;
};

}  // namespace chieng::collector::mqtt
