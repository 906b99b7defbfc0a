// One WebSocket message or control frame.
#pragma once

#include <optional>
#include <string>

#include "core/inspect/transaction.h"

namespace chieng::collector::websocket {

enum class Buffer : std::uint8_t { payload };
enum class Integer : std::uint8_t { opcode, mask, flags };
enum class Event : std::uint16_t { skip_end_of_payload, reassembly_limit_reached };

enum class FrameRange : std::uint8_t { header, pdu, data };  // position in kSpec.frames

// RFC 6455 5.2: bits of a frame's first byte, as rules name them.
inline constexpr std::uint8_t kFin = 0x80, kCompressed = 0x40;

extern const ProtocolSpec kSpec;

// Owned by its flow. Complete from the start. Bounded by what the parser puts in.
class WebsocketTransaction final : public Transaction {
 public:
  WebsocketTransaction(AppProto proto, std::uint64_t id, Direction direction);

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const override;
  [[nodiscard]] std::optional<std::uint64_t> integer(unsigned local, Direction d,
                                                     std::uint32_t instance) const override;
  void write(JsonWriter& out) const override;
  [[nodiscard]] Direction event_direction() const override { return direction_; }
  [[nodiscard]] bool one_sided() const override { return true; }

  std::uint8_t flags = 0, opcode = 0;
  std::optional<std::uint32_t> mask;
  std::string payload;  // unmasked and decompressed

 private:
  Direction direction_;
};

[[nodiscard]] std::string_view opcode_name(std::uint8_t opcode);  // empty where it has none

}  // namespace chieng::collector::websocket
