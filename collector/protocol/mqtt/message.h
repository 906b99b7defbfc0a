// MQTT control packets (MQTT 3.1, 3.1.1, 5.0) as values.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/bytes/bytes.h"

namespace chieng::collector::mqtt {

enum class Type : std::uint8_t {
  unassigned,
  connect,
  connack,
  publish,
  puback,
  pubrec,
  pubrel,
  pubcomp,
  subscribe,
  suback,
  unsubscribe,
  unsuback,
  pingreq,
  pingresp,
  disconnect,
  auth
};
[[nodiscard]] std::string_view type_name(Type t);  // "connect"

// MQTT 5 section 2.2.2.2. A user property has its key in `name`.
struct Property {
  std::string name;
  std::variant<std::uint64_t, std::string> value;
  bool user = false;
};

struct Connect {
  std::string protocol, client_id;
  std::uint8_t version = 0, flags = 0;
  std::optional<std::string> username, password;
  std::string will_topic, will_message;
  std::vector<Property> will_properties;
};
namespace connect_flag {
inline constexpr std::uint8_t username = 0x80, password = 0x40, will_retain = 0x20, will = 4,
                              clean_session = 2;
}

struct Topic {
  std::string name;
  std::uint8_t qos = 0;
};

struct Message {
  Type type = Type::unassigned;
  std::uint8_t flags = 0;     // lower half of the first byte
  std::uint64_t skipped = 0;  // bytes of a message that was too long to be kept
  std::unique_ptr<Connect> connect;
  std::optional<std::uint16_t> id;
  std::vector<std::uint8_t> codes;  // reason or return codes, granted QoS
  bool session_present = false;
  std::string topic, payload;  // of PUBLISH
  std::vector<Topic> topics;   // of SUBSCRIBE, UNSUBSCRIBE
  std::vector<Property> properties;

  [[nodiscard]] unsigned qos() const { return flags >> 1 & 3; }
  [[nodiscard]] bool retain() const { return (flags & 1) != 0; }
  [[nodiscard]] bool dup() const { return (flags & 8) != 0; }
};

struct FixedHeader {
  std::uint8_t first = 0;
  std::uint32_t length = 0;  // of what follows
  std::size_t size = 0;      // of the header itself
};
enum class HeaderState : std::uint8_t { whole, incomplete, malformed };
[[nodiscard]] HeaderState read_header(Bytes in, FixedHeader& out);

// body: what follows the fixed header. version: of the connection, 5 has properties. Nothing where
// the message is malformed.
[[nodiscard]] std::optional<Message> parse(std::uint8_t first, Bytes body, std::uint8_t version);

}  // namespace chieng::collector::mqtt
