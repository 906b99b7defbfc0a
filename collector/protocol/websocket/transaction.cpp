#include "collector/protocol/websocket/transaction.h"

#include <array>
#include <string>

namespace chieng::collector::websocket {
namespace {

constexpr std::array kOpcodes = {NamedValue{"continuation", 0}, NamedValue{"text", 1},
                                 NamedValue{"binary", 2},       NamedValue{"connection_close", 8},
                                 NamedValue{"ping", 9},         NamedValue{"pong", 10}};

constexpr BufferSpec kBuffers[] = {
    {.name = "websocket.payload", .ready = {1, 1}, .privacy = FieldClass::content}};

constexpr IntegerSpec kIntegers[] = {
    {.name = "websocket.opcode", .ready = {1, 1}, .bits = 8, .names = kOpcodes},
    {.name = "websocket.mask", .ready = {1, 1}, .bits = 32},
    {.name = "websocket.flags", .ready = {1, 1}, .bits = 8},
};

constexpr std::string_view kFrames[] = {"header", "pdu", "data"};
constexpr std::string_view kEvents[] = {"skip_end_of_payload", "reassembly_limit_reached"};

}  // namespace

const ProtocolSpec kSpec{.name = "websocket",
                         .rule_names = {"websocket"},
                         .transport = TransportMask::tcp,
                         .complete = {1, 1},
                         .buffers = kBuffers,
                         .integers = kIntegers,
                         .event_prefix = "websocket",
                         .events = kEvents,
                         .frames = kFrames};

std::string_view opcode_name(std::uint8_t opcode) {
  for (const NamedValue& n : kOpcodes)
    if (n.value == opcode) return n.name;
  return {};
}

WebsocketTransaction::WebsocketTransaction(AppProto proto, std::uint64_t id, Direction direction)
    : Transaction(proto, id), direction_(direction) {
  set_progress(Direction::to_server, 1);
  set_progress(Direction::to_client, 1);
}

std::optional<BufferSlice> WebsocketTransaction::buffer(unsigned local, Direction d,
                                                        std::uint32_t instance) const {
  if (local != 0 || instance != 0 || d != direction_) return std::nullopt;
  return BufferSlice{.data = as_bytes(payload)};
}

std::optional<std::uint64_t> WebsocketTransaction::integer(unsigned local, Direction d,
                                                           std::uint32_t instance) const {
  if (d != direction_ || instance != 0) return std::nullopt;
  switch (static_cast<Integer>(local)) {
    case Integer::opcode:
      return opcode;
    case Integer::mask:
      if (!mask) return std::nullopt;
      return *mask;
    case Integer::flags:
      return flags;
  }
  return std::nullopt;
}

void WebsocketTransaction::write(JsonWriter& out) const {
  out.key("websocket").begin_object().field("fin", (flags & kFin) != 0);
  if (mask) out.field("mask", *mask);
  const std::string_view name = opcode_name(opcode);
  if (name.empty())
    out.field("opcode", "unknown-" + std::to_string(opcode));
  else
    out.field("opcode", name);
  out.end_object();
}

}  // namespace chieng::collector::websocket
