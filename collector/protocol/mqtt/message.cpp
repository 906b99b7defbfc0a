#include "collector/protocol/mqtt/message.h"

#include <algorithm>
#include <array>

#include "core/bytes/reader.h"

namespace chieng::collector::mqtt {
namespace {

constexpr std::size_t kMostProperties = 1024;

enum class Form : std::uint8_t { u8, u16, u32, variable, text, pair };
struct PropertySpec {
  std::uint8_t id;
  std::string_view name;
  Form form;
};
constexpr PropertySpec kProperties[] = {
    {1, "payload_format_indicator", Form::u8},
    {2, "message_expiry_interval", Form::u32},
    {3, "content_type", Form::text},
    {8, "response_topic", Form::text},
    {9, "correlation_data", Form::text},
    {11, "subscription_identifier", Form::variable},
    {17, "session_expiry_interval", Form::u32},
    {18, "assigned_client_identifier", Form::text},
    {19, "server_keep_alive", Form::u16},
    {21, "authentication_method", Form::text},
    {22, "authentication_data", Form::text},
    {23, "request_problem_information", Form::u8},
    {24, "will_delay_interval", Form::u32},
    {25, "request_response_information", Form::u8},
    {26, "response_information", Form::text},
    {28, "server_reference", Form::text},
    {31, "reason_string", Form::text},
    {33, "receive_maximum", Form::u16},
    {34, "topic_alias_maximum", Form::u16},
    {35, "topic_alias", Form::u16},
    {36, "maximum_qos", Form::u8},
    {37, "retain_available", Form::u8},
    {38, "", Form::pair},
    {39, "maximum_packet_size", Form::u32},
    {40, "wildcard_subscription_available", Form::u8},
    {41, "subscription_identifier_available", Form::u8},
    {42, "shared_subscription_available", Form::u8},
};

// Section 1.5.5. Fails the reader where it is longer than four bytes.
std::uint32_t variable_number(Reader& in) {
  std::uint32_t out = 0;
  for (unsigned shift = 0; shift < 28; shift += 7) {
    const std::uint8_t b = in.u8();
    out |= std::uint32_t{b & 0x7fu} << shift;
    if ((b & 0x80) == 0) return out;
  }
  in.skip(in.remaining() + 1);
  return 0;
}

std::string text(Reader& in) {
  const std::uint16_t length = in.u16();
  return std::string(as_text(in.take(length)));
}

class BodyParser {
 public:
  BodyParser(Message& out, Bytes body, bool v5) : out_(out), in_(body), v5_(v5) {}
  bool run();

 private:
  bool properties(std::vector<Property>& out);
  bool property(Reader& in, std::vector<Property>& out);
  bool connect();
  bool publish();
  bool acknowledge();
  bool subscribe(bool with_qos);
  bool codes(bool without_list);
  bool reason();

  Message& out_;
  Reader in_;
  bool v5_;
};

bool BodyParser::property(Reader& in, std::vector<Property>& out) {
  const std::uint32_t id = variable_number(in);
  const auto spec = std::ranges::find_if(kProperties, [&](const auto& p) { return p.id == id; });
  if (!in.ok() || spec == std::end(kProperties) || out.size() == kMostProperties) return false;
  Property p{std::string(spec->name), std::uint64_t{0}};
  switch (spec->form) {
    case Form::u8:
      p.value = std::uint64_t{in.u8()};
      break;
    case Form::u16:
      p.value = std::uint64_t{in.u16()};
      break;
    case Form::u32:
      p.value = std::uint64_t{in.u32()};
      break;
    case Form::variable:
      p.value = std::uint64_t{variable_number(in)};
      break;
    case Form::pair:
      p.name = text(in);
      p.user = true;
      [[fallthrough]];
    case Form::text:
      p.value = text(in);
      break;
  }
  if (!in.ok()) return false;
  out.push_back(std::move(p));
  return true;
}

bool BodyParser::properties(std::vector<Property>& out) {
  if (!v5_) return true;
  const std::uint32_t length = variable_number(in_);
  Reader in(in_.take(length));
  if (!in_.ok()) return false;
  while (!in.at_end())
    if (!property(in, out)) return false;
  return true;
}

// Section 3.1.
bool BodyParser::connect() {
  out_.connect = std::make_unique<Connect>();
  Connect& c = *out_.connect;
  c.protocol = text(in_);
  c.version = in_.u8();
  c.flags = in_.u8();
  in_.skip(2);  // keep alive
  v5_ = c.version == 5;
  if (!in_.ok() || !properties(out_.properties)) return false;
  c.client_id = text(in_);
  if ((c.flags & connect_flag::will) != 0) {
    if (!properties(c.will_properties)) return false;
    c.will_topic = text(in_);
    c.will_message = text(in_);
  }
  if ((c.flags & connect_flag::username) != 0) c.username = text(in_);
  if ((c.flags & connect_flag::password) != 0) c.password = text(in_);
  return in_.ok();
}

bool BodyParser::publish() {
  out_.topic = text(in_);
  if (out_.qos() > 0) out_.id = in_.u16();
  if (!in_.ok() || !properties(out_.properties)) return false;
  out_.payload = as_text(in_.rest());
  return true;
}

// PUBACK, PUBREC, PUBREL, PUBCOMP: the reason and the properties may be left out.
bool BodyParser::acknowledge() {
  out_.id = in_.u16();
  if (!in_.ok()) return false;
  if (v5_) out_.codes.push_back(in_.at_end() ? std::uint8_t{0} : in_.u8());
  return in_.at_end() || properties(out_.properties);
}

bool BodyParser::subscribe(bool with_qos) {
  out_.id = in_.u16();
  if (!in_.ok() || !properties(out_.properties)) return false;
  while (!in_.at_end()) {
    Topic t{text(in_), 0};
    if (with_qos) t.qos = in_.u8();
    if (!in_.ok()) return false;
    out_.topics.push_back(std::move(t));
  }
  return true;
}

bool BodyParser::codes(bool without_list) {
  out_.id = in_.u16();
  if (!in_.ok() || !properties(out_.properties)) return false;
  if (without_list) return true;
  for (const std::byte b : in_.rest()) out_.codes.push_back(std::to_integer<std::uint8_t>(b));
  return true;
}

// DISCONNECT and AUTH. A reason without the length of properties is no reason: sections 3.14.2.1,
// 3.14.2.2.1.
bool BodyParser::reason() {
  if (!v5_) return true;
  if (in_.remaining() < 2) {
    out_.codes.push_back(0);
    return true;
  }
  out_.codes.push_back(in_.u8());
  return in_.at_end() || properties(out_.properties);
}

bool BodyParser::run() {
  switch (out_.type) {
    case Type::connect:
      return connect();
    case Type::connack:
      out_.session_present = (in_.u8() & 1) != 0;
      out_.codes.push_back(in_.u8());
      return in_.ok() && (in_.at_end() || properties(out_.properties));
    case Type::publish:
      return publish();
    case Type::puback:
    case Type::pubrec:
    case Type::pubrel:
    case Type::pubcomp:
      return acknowledge();
    case Type::subscribe:
      return subscribe(true);
    case Type::unsubscribe:
      return subscribe(false);
    case Type::suback:
      return codes(false);
    case Type::unsuback:
      return codes(!v5_);
    case Type::disconnect:
    case Type::auth:
      return reason();
    case Type::unassigned:
    case Type::pingreq:
    case Type::pingresp:
      return true;
  }
  return false;
}

}  // namespace

std::string_view type_name(Type t) {
  static constexpr std::array<std::string_view, 16> names = {
      "unassigned", "connect",  "connack",    "publish", "puback",      "pubrec",
      "pubrel",     "pubcomp",  "subscribe",  "suback",  "unsubscribe", "unsuback",
      "pingreq",    "pingresp", "disconnect", "auth"};
  return names[static_cast<std::size_t>(t)];
}

HeaderState read_header(Bytes bytes, FixedHeader& out) {
  Reader in(bytes);
  out.first = in.u8();
  const Bytes length = in.rest();
  const auto last =
      std::ranges::find_if(length.first(std::min<std::size_t>(length.size(), 4)),
                           [](std::byte b) { return (std::to_integer<unsigned>(b) & 0x80) == 0; });
  if (last == length.first(std::min<std::size_t>(length.size(), 4)).end())
    return length.size() >= 4 ? HeaderState::malformed : HeaderState::incomplete;
  out.length = variable_number(in);
  out.size = in.position();
  return HeaderState::whole;
}

std::optional<Message> parse(std::uint8_t first, Bytes body, std::uint8_t version) {
  Message out;
  out.type = static_cast<Type>(first >> 4);
  out.flags = first & 15;
  if (!BodyParser(out, body, version == 5).run()) return std::nullopt;
  return out;
}

}  // namespace chieng::collector::mqtt
