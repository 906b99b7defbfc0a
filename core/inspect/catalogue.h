// What protocols offer to rules, as data: a protocol's folder declares its buffers, integers and
// event names here, and the rule engine makes keywords of them. Neither side includes the other.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/event/privacy.h"

namespace chieng {

enum class Direction : std::uint8_t { to_server = 0, to_client = 1 };
[[nodiscard]] constexpr Direction opposite(Direction d) {
  return d == Direction::to_server ? Direction::to_client : Direction::to_server;
}
[[nodiscard]] constexpr std::size_t index(Direction d) {
  return static_cast<std::size_t>(d);
}

// An application protocol: 0 unknown, 1 detection failed, from 2 the position in the catalogue's
// list + 2.
struct AppProto {
  std::uint8_t value = 0;
  friend bool operator==(AppProto, AppProto) = default;
  [[nodiscard]] bool is_known() const { return value >= 2; }
};
inline constexpr AppProto kAppUnknown{0};
inline constexpr AppProto kAppFailed{1};

enum class Sides : std::uint8_t { to_server = 1, to_client = 2, both = 3 };
[[nodiscard]] constexpr bool has(Sides sides, Direction d) {
  return (static_cast<unsigned>(sides) >> index(d) & 1u) != 0;
}

struct BufferSpec {
  std::string_view name;  // the sticky buffer, as in "http.uri"
  Sides sides = Sides::both;
  std::array<std::uint8_t, 2>
      ready{};             // a transaction's progress from which the buffer is whole, by direction
  bool multi = false;      // several instances a transaction: dns.query, tls.certs
  bool streaming = false;  // grows: file.data, bodies (see BufferSlice)
  std::array<std::string_view, 3> aliases{};  // other names of the sticky buffer: "dns_query"
  std::string_view modifier = {};             // a content modifier of old: "http_uri"
  char pcre_letter = 0;                       // a pcre flag that names it: 'U'
  bool lowercase = false;  // its bytes are always lower case: a pattern with upper case is an error
  FieldClass privacy = FieldClass::plain;
};

struct NamedValue {
  std::string_view name;
  std::uint64_t value;
};

struct IntegerSpec {
  std::string_view name;  // the keyword, as in "dns.opcode"
  Sides sides = Sides::both;
  std::array<std::uint8_t, 2> ready{};
  unsigned bits = 32;
  bool multi = false;
  std::span<const NamedValue> names = {};  // accepted in place of numbers, case-insensitive
  std::array<std::string_view, 2> aliases{};
  bool growing = false;  // more instances may come until the side is complete
};

enum class TransportMask : std::uint8_t { tcp = 1, udp = 2, both = 3 };

struct ProtocolSpec {
  std::string_view name;  // EVE's app_proto: "http", "dns", "tls"
  std::array<std::string_view, 4>
      rule_names;  // header protocols that take it: {"http1", "http"}, {"tls", "ssl"}
  TransportMask transport = TransportMask::tcp;
  std::array<std::uint8_t, 2> complete{};  // progress at which a side of a transaction is complete
  std::span<const BufferSpec> buffers = {};
  std::span<const IntegerSpec> integers = {};
  std::string_view event_prefix = {};             // app-layer-event:PREFIX.name
  std::span<const std::string_view> events = {};  // event number = position
  std::span<const std::string_view> frames = {};  // frame type = position: "request", "record.pdu"
};

struct BufferId {
  std::uint16_t value = 0;
  friend bool operator==(BufferId, BufferId) = default;
};
struct IntegerId {
  std::uint16_t value = 0;
  friend bool operator==(IntegerId, IntegerId) = default;
};

// Every protocol's declarations under one numbering. A buffer of one name that several protocols
// declare (http.uri in HTTP/1 and HTTP/2) is one buffer. Immutable once made; shared by all
// threads.
class Catalogue {
 public:
  // Both spans have to live as long as the program. packet_events: "decoder.ipv4.pkt_too_small",
  // "stream.…".
  Catalogue(std::span<const ProtocolSpec* const> protocols,
            std::span<const std::string_view> packet_events);

  [[nodiscard]] std::span<const ProtocolSpec* const> protocols() const { return protocols_; }
  [[nodiscard]] const ProtocolSpec* protocol(AppProto p) const;
  [[nodiscard]] std::string_view name(AppProto p) const;  // "failed" for kAppFailed, "" for unknown
  // Protocols that a rule header's name means: "http" gives HTTP/1 and HTTP/2. Empty: no such name.
  [[nodiscard]] std::vector<AppProto> rule_protocols(std::string_view name) const;
  [[nodiscard]] AppProto by_name(
      std::string_view eve_name) const;  // kAppUnknown where there is none

  // By sticky name or alias; nothing where no protocol declares it.
  [[nodiscard]] std::optional<BufferId> buffer(std::string_view name) const;
  [[nodiscard]] std::optional<BufferId> buffer_by_modifier(std::string_view modifier) const;
  [[nodiscard]] std::optional<BufferId> buffer_by_pcre_letter(char letter) const;
  [[nodiscard]] std::size_t buffer_count() const { return buffers_.size(); }
  [[nodiscard]] const BufferSpec& spec(BufferId id) const {
    return *buffers_[id.value];
  }  // the first declaration
  // The buffer's number inside a protocol, for Transaction::buffer; -1 where the protocol has none.
  [[nodiscard]] int local(AppProto p, BufferId id) const {
    return buffer_local_[p.value][id.value];
  }
  [[nodiscard]] const BufferSpec* spec(AppProto p,
                                       BufferId id) const;  // that protocol's own declaration

  [[nodiscard]] std::optional<IntegerId> integer(std::string_view name) const;
  [[nodiscard]] const IntegerSpec& spec(IntegerId id) const { return *integers_[id.value]; }
  [[nodiscard]] int local(AppProto p, IntegerId id) const {
    return integer_local_[p.value][id.value];
  }
  [[nodiscard]] const IntegerSpec* spec(AppProto p, IntegerId id) const;

  struct EventRef {
    AppProto proto;
    std::uint16_t number = 0;
  };
  // "http.request_line_missing_protocol": prefix and name, as app-layer-event takes it; several
  // where protocols share a prefix.
  [[nodiscard]] std::vector<EventRef> app_events(std::string_view dotted) const;
  [[nodiscard]] std::optional<std::uint16_t> packet_event(std::string_view name) const;
  [[nodiscard]] std::string_view packet_event_name(std::uint16_t number) const {
    return packet_events_[number];
  }

 private:
  std::span<const ProtocolSpec* const> protocols_;
  std::span<const std::string_view> packet_events_;
  std::vector<const BufferSpec*> buffers_;
  std::vector<const IntegerSpec*> integers_;
  std::vector<std::vector<int>> buffer_local_, integer_local_;  // [proto][id]
  std::unordered_map<std::string_view, std::uint16_t> buffer_names_, modifiers_, integer_names_,
      packet_event_numbers_;
  std::array<int, 256> pcre_letters_{};
};

}  // namespace chieng
