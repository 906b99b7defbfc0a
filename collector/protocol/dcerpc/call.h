// A call over DCERPC, or a bind: a request with its response, put together from fragments. Shared
// by DCERPC's own transactions and those of SMB's pipes.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "collector/protocol/dcerpc/pdu.h"
#include "core/event/json_writer.h"
#include "core/inspect/transaction.h"

namespace chieng::collector::dcerpc {

// Contexts that a connection (or a pipe) has agreed on. At most kMost of them.
class Contexts {
 public:
  static constexpr std::size_t kMost = 512;
  // A later one replaces an earlier one of the same number.
  void bind(const std::vector<Interface>& asked);
  // Answers of the last bind, in its order.
  void acknowledge(const std::vector<Acknowledgement>& answers);
  [[nodiscard]] const std::vector<Interface>& asked() const { return asked_; }  // last bind's
  [[nodiscard]] std::vector<Interface> accepted(std::uint16_t context) const;

 private:
  std::vector<Interface> asked_, known_;
};

// What buffers and integers exist of a call, wherever it travels.
enum class CallBuffer : std::uint8_t { stub_data, interfaces };

// Owned by a transaction. Holds at most kMostStub bytes a side.
class Call {
 public:
  static constexpr std::size_t kMostStub = std::size_t{1} << 20;
  struct Side {
    PduType type = PduType::request;
    bool seen = false, done = false;
    bool little = true;
    std::uint32_t fragments = 0;
    std::uint64_t stub_size = 0;  // all of it, also what was not kept
    std::string stub;
  };

  explicit Call(std::uint32_t id) : id_(id) {}
  [[nodiscard]] std::uint32_t id() const { return id_; }
  [[nodiscard]] const Side& side(Direction d) const { return sides_[index(d)]; }
  [[nodiscard]] std::optional<std::uint16_t> context() const { return context_; }
  [[nodiscard]] std::optional<std::uint16_t> opnum() const { return opnum_; }
  [[nodiscard]] const std::vector<Interface>& interfaces() const { return interfaces_; }
  [[nodiscard]] bool is_request() const {
    return side(Direction::to_server).seen && side(Direction::to_server).type == PduType::request;
  }
  [[nodiscard]] bool is_bind() const;
  [[nodiscard]] std::size_t held() const;

  // A PDU without a body that matters: bind, fault.
  void mark(Direction d, PduType type, bool little);
  // keep: bytes of stub data that may still be kept.
  void add(Direction d, const Header& header, const Fragment& fragment, std::size_t keep);
  void set_interfaces(std::vector<Interface> interfaces);
  void set_opnum(std::uint16_t opnum) { opnum_ = opnum; }

  [[nodiscard]] std::optional<BufferSlice> buffer(CallBuffer which, Direction d,
                                                  std::uint32_t instance) const;

 private:
  std::uint32_t id_;
  std::array<Side, 2> sides_;
  std::optional<std::uint16_t> context_, opnum_;
  std::vector<Interface> interfaces_;
  std::string packed_;  // what dcerpc.iface looks at, kPacked bytes an interface
};

// The members of EVE's "dcerpc" that both carriers have in common, into an open object.
void write_requests(JsonWriter& out, const Call& call);
struct InterfaceFields {
  bool result, reason;  // reason: written as 0, as readers of EVE know it
};
void write_interfaces(JsonWriter& out, const Call& call, InterfaceFields fields);
void write_side(JsonWriter& out, const Call& call, Direction d, bool with_opnum);

}  // namespace chieng::collector::dcerpc
