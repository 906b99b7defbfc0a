// One call, or bind, as a transaction; and what DCERPC declares to rules.
#pragma once

#include <optional>

#include "collector/protocol/dcerpc/call.h"
#include "core/inspect/transaction.h"

namespace chieng::collector::dcerpc {

enum class Buffer : std::uint8_t { stub_data, interfaces };
enum class Integer : std::uint8_t { opnum };

// SMB's pipes declare the same.
inline constexpr BufferSpec kStubDataBuffer{.name = "dcerpc.stub_data",
                                            .ready = {1, 1},
                                            .aliases = {"dce_stub_data"},
                                            .privacy = FieldClass::content};
inline constexpr BufferSpec kInterfacesBuffer{
    .name = "dcerpc.iface", .ready = {1, 1}, .multi = true};
inline constexpr IntegerSpec kOpnumInteger{.name = "dcerpc.opnum", .ready = {1, 1}, .bits = 16};

enum class Frame : std::uint8_t { pdu, hdr, data };

extern const ProtocolSpec kSpec;

// What only the datagrams of version 4 have.
struct Activity {
  Uuid uuid{};
  std::uint32_t sequence = 0;
};

class DcerpcTransaction final : public Transaction {
 public:
  DcerpcTransaction(AppProto proto, std::uint64_t id, std::uint32_t call_id)
      : Transaction(proto, id), call(call_id) {}

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const override;
  [[nodiscard]] std::optional<std::uint64_t> integer(unsigned local, Direction d,
                                                     std::uint32_t instance) const override;
  void write(JsonWriter& out) const override;

  Call call;
  std::optional<Activity> activity;
};

}  // namespace chieng::collector::dcerpc
