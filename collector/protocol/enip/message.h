// EtherNet/IP encapsulation and the CIP messages in it (ODVA, CIP volumes 1 and 2) as values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes/bytes.h"

namespace chieng::collector::enip {

namespace command {
inline constexpr std::uint16_t nop = 0, list_services = 4, list_identity = 0x63,
                               list_interfaces = 0x64, register_session = 0x65,
                               unregister_session = 0x66, send_rr_data = 0x6f,
                               send_unit_data = 0x70, indicate_status = 0x72, cancel = 0x73;
}

struct Segment {
  std::uint8_t type = 0;  // with the bits of its format off
  std::uint32_t value = 0;
};
namespace segment {
inline constexpr std::uint8_t class_id = 0x20, instance = 0x24, attribute = 0x30;
}

struct Cip {
  std::uint8_t service = 0;  // with the bit of a response
  std::vector<Segment> path;
  std::optional<std::uint8_t> status;
  std::string status_extended;
  std::vector<Cip> multiple;  // of a Multiple Service Packet
  [[nodiscard]] bool is_response() const { return (service & 0x80) != 0; }
  [[nodiscard]] std::uint8_t code() const { return service & 0x7f; }
  [[nodiscard]] const Segment* find(std::uint8_t type) const;
};

struct Session {
  std::uint16_t protocol_version = 0, options = 0;
};
struct Services {
  std::uint16_t protocol_version = 0, capabilities = 0;
  std::string name;
};
struct Identity {
  std::uint16_t protocol_version = 0, vendor = 0, device_type = 0, product_code = 0, status = 0;
  std::uint8_t major = 0, minor = 0, state = 0;
  std::uint32_t serial = 0;
  std::string product_name;
};

struct Message {
  static constexpr std::size_t kHeaderSize = 24;
  std::uint16_t command = 0, length = 0;
  std::uint32_t session = 0, status = 0;
  bool malformed = false;
  std::optional<Session> registration;
  std::optional<Services> services;
  std::optional<Identity> identity;
  std::optional<Cip> cip;
};

// The header alone: `in` holds kHeaderSize bytes.
[[nodiscard]] Message read_header(Bytes in);
// Whether it can be one: command and options are known ones.
[[nodiscard]] bool plausible(const Message& header, Bytes in);
void read_body(Message& message, Bytes body);

[[nodiscard]] std::string command_name(std::uint16_t command);
[[nodiscard]] std::string status_name(std::uint32_t status);
[[nodiscard]] std::string service_name(std::uint8_t service);
[[nodiscard]] std::string cip_status_name(std::uint8_t status);
[[nodiscard]] std::string class_name(std::uint32_t id);
[[nodiscard]] std::string segment_name(std::uint8_t type);
[[nodiscard]] std::string vendor_name(std::uint16_t id);
[[nodiscard]] std::string device_type_name(std::uint16_t id);

}  // namespace chieng::collector::enip
