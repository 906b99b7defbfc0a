// Modbus messages (Modbus Application Protocol 1.1b3, Modbus over TCP/IP 1.0b) as values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/bytes/bytes.h"

namespace chieng::collector::modbus {

namespace access {
inline constexpr unsigned read = 1, write = 2, discretes = 4, coils = 8, input = 16, holding = 32,
                          single = 64, multiple = 128, write_single = 256, write_multiple = 512;
}
namespace category {
inline constexpr unsigned assigned = 1, unassigned = 2, user = 4, reserved = 8;
}
namespace fault {
inline constexpr unsigned data_value = 1, data_length = 2, exception_code = 4, function_code = 8,
                          protocol_id = 16;
}

struct Header {
  static constexpr std::size_t kSize = 7;
  std::uint16_t transaction = 0, protocol = 0, length = 0;  // length: of unit and what follows
  std::uint8_t unit = 0;
};

struct Area {  // of a read or a write
  std::optional<std::uint16_t> address, quantity, value, and_mask, or_mask;
  std::optional<std::string> data;
};

struct Message {
  Header header;
  std::uint8_t function = 0;  // with the bit of an exception
  unsigned access = 0, category = 0, faults = 0;
  std::optional<Area> read, write;
  std::optional<std::uint16_t> sub_function;  // of a diagnostic or of an encapsulated interface
  std::optional<std::uint8_t> exception;
  std::optional<std::string> data;  // of the sub function, or what has no form of its own
  [[nodiscard]] std::uint8_t code() const { return function & 0x7f; }
};

[[nodiscard]] Header read_header(Bytes in);
// pdu: function and data.
[[nodiscard]] Message parse_request(const Header& header, Bytes pdu);
// request: null where none is known.
[[nodiscard]] Message parse_response(const Header& header, Bytes pdu, const Message* request);

[[nodiscard]] std::string_view function_name(std::uint8_t code);
[[nodiscard]] std::string_view diagnostic_name(std::uint16_t code);
[[nodiscard]] std::string_view interface_name(std::uint16_t code);
[[nodiscard]] std::string_view exception_name(std::uint8_t code);

}  // namespace chieng::collector::modbus
