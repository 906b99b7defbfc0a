// The PDUs of DCERPC as values: C706 (DCE 1.1 RPC) chapter 12, with the additions of MS-RPCE.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes/reader.h"

namespace chieng::collector::dcerpc {

enum class PduType : std::uint8_t {
  request,
  ping,
  response,
  fault,
  working,
  nocall,
  reject,
  ack,
  cl_cancel,
  fack,
  cancel_ack,
  bind,
  bind_ack,
  bind_nak,
  alter_context,
  alter_context_response,
  auth3,
  shutdown,
  co_cancel,
  orphaned,
  rts
};
[[nodiscard]] std::string_view to_string(PduType type);  // as EVE writes it: "BINDACK"
// Whether a client sends PDUs of that type over a connection, or a server.
[[nodiscard]] bool is_from_client(PduType type);
[[nodiscard]] bool is_from_server(PduType type);

using Uuid = std::array<std::uint8_t, 16>;  // in the order in which it is written
[[nodiscard]] std::string to_string(const Uuid& uuid);

// A reader that follows the sender's byte order.
class OrderedReader {
 public:
  OrderedReader(Bytes bytes, bool little) : in_(bytes), little_(little) {}
  std::uint8_t u8() { return in_.u8(); }
  std::uint16_t u16() { return little_ ? in_.u16le() : in_.u16(); }
  std::uint32_t u32() { return little_ ? in_.u32le() : in_.u32(); }
  Uuid uuid();
  void skip(std::size_t n) { in_.skip(n); }
  [[nodiscard]] bool ok() const { return in_.ok(); }
  [[nodiscard]] std::size_t position() const { return in_.position(); }
  [[nodiscard]] Bytes rest() const { return in_.rest(); }

 private:
  Reader in_;
  bool little_;
};

// The common header of the connection-oriented protocol, version 5.
struct Header {
  static constexpr std::size_t kSize = 16;
  PduType type = PduType::request;
  std::uint8_t minor_version = 0, flags = 0;
  bool little = true;
  std::uint16_t length = 0, auth_length = 0;  // of the whole fragment; of its verifier
  std::uint32_t call_id = 0;
  [[nodiscard]] bool is_first() const { return (flags & 1) != 0; }
  [[nodiscard]] bool is_last() const { return (flags & 2) != 0; }
};
// Nothing where the bytes cannot be a header, or are fewer than kSize.
[[nodiscard]] std::optional<Header> read_header(Bytes data);
// Whether the bytes are, or are the beginning of, a header.
[[nodiscard]] bool may_be_header(Bytes data);

struct Interface {
  std::uint16_t context = 0;
  Uuid uuid{};
  std::uint16_t version = 0, version_minor = 0;
  bool first_fragment = false;  // the bind said of itself that it is a first fragment
  bool acknowledged = false;
  std::uint16_t result = 0, reason = 0;  // of the acknowledgement; 0: accepted
};

// The interfaces that a bind or alter_context PDU asks for. pdu: the whole fragment.
[[nodiscard]] std::vector<Interface> read_bind(const Header& header, Bytes pdu);
// Result and reason of each interface, in the order of the bind.
struct Acknowledgement {
  std::uint16_t result = 0, reason = 0;
};
[[nodiscard]] std::vector<Acknowledgement> read_bind_ack(const Header& header, Bytes pdu);

// What a request or response carries. The stub data are what rules of the field count them to be:
// with the object's UUID and the verifier, and in a response with the eight bytes in front (hint,
// context, cancel count).
struct Fragment {
  static constexpr std::size_t kResponseHead = 8;
  std::uint16_t context = 0, opnum = 0;  // opnum: of requests
  Bytes stub;
};
[[nodiscard]] std::optional<Fragment> read_fragment(const Header& header, Bytes pdu);

}  // namespace chieng::collector::dcerpc
