// An SNMP message as values (RFC 1157, 3416, 3412).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes/bytes.h"
#include "core/inspect/catalogue.h"

namespace chieng::collector::snmp {

// Bounded: keeps kMostNames object names of at most kMostNameSize characters.
struct Message {
  static constexpr std::size_t kMostNames = 256, kMostNameSize = 1024;
  unsigned version = 0;  // 1, 2, 3
  std::string community;
  std::optional<std::string> user;      // of USM
  bool unknown_security_model = false;  // version 3 with another model than USM
  bool encrypted = false;
  std::optional<std::uint8_t> pdu_type;
  std::int64_t error = 0;
  std::optional<std::int64_t> trap_type;
  std::string trap_oid;
  std::string trap_address;
  std::vector<std::string> names;  // of the variables
};

// Nothing where it is not a whole message.
[[nodiscard]] std::optional<Message> parse(Bytes datagram);
// The version of what begins like a message: 1, 2, 3.
[[nodiscard]] std::optional<unsigned> version_of(Bytes datagram);

[[nodiscard]] std::span<const NamedValue> pdu_names();
[[nodiscard]] std::span<const NamedValue> trap_names();
[[nodiscard]] std::string error_name(std::int64_t error);

}  // namespace chieng::collector::snmp
