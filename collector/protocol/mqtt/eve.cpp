// EVE's mqtt object: a member for each message, named by its type.
#include <fmt/format.h>

#include "collector/protocol/mqtt/transaction.h"

namespace chieng::collector::mqtt {
namespace {

constexpr std::size_t kMostPayload = 1024;  // bytes of a published message that EVE shows

void write_properties(JsonWriter& out, const std::vector<Property>& properties) {
  if (properties.empty()) return;
  out.key("properties").begin_object();
  bool user = false;
  for (const Property& p : properties) {
    user = user || p.user;
    if (p.user) continue;
    if (const auto* n = std::get_if<std::uint64_t>(&p.value))
      out.field(p.name, *n);
    else
      out.field(p.name, std::get<std::string>(p.value));
  }
  if (user) {
    out.key("user_properties").begin_array();
    for (const Property& p : properties)
      if (p.user)
        out.begin_object()
            .field("key", p.name)
            .field("value", std::get<std::string>(p.value))
            .end_object();
    out.end_array();
  }
  out.end_object();
}

void write_connect(JsonWriter& out, const Connect& c) {
  out.field("protocol_string", c.protocol).field("protocol_version", c.version);
  out.field("client_id", c.client_id);
  out.key("flags").begin_object();
  out.field("username", (c.flags & connect_flag::username) != 0);
  out.field("password", (c.flags & connect_flag::password) != 0);
  out.field("will_retain", (c.flags & connect_flag::will_retain) != 0);
  out.field("will", (c.flags & connect_flag::will) != 0);
  out.field("clean_session", (c.flags & connect_flag::clean_session) != 0).end_object();
  if (c.username) out.field("username", *c.username);
  if (c.password) out.field("password", *c.password);
  if ((c.flags & connect_flag::will) == 0) return;
  out.key("will").begin_object().field("topic", c.will_topic).field("message", c.will_message);
  write_properties(out, c.will_properties);
  out.end_object();
}

void write_payload(JsonWriter& out, const std::string& payload) {
  if (payload.size() <= kMostPayload) {
    out.field("message", payload);
    return;
  }
  out.field("message", fmt::format("{}[truncated {} additional bytes]",
                                   std::string_view(payload).substr(0, kMostPayload),
                                   payload.size() - kMostPayload));
}

void write_topics(JsonWriter& out, const Message& m) {
  out.key("topics").begin_array();
  for (const Topic& t : m.topics) {
    if (m.type == Type::unsubscribe)
      out.value(t.name);
    else
      out.begin_object().field("topic", t.name).field("qos", t.qos).end_object();
  }
  out.end_array();
}

void write_codes(JsonWriter& out, std::string_view key, const Message& m) {
  out.key(key).begin_array();
  for (const std::uint8_t code : m.codes) out.value(code);
  out.end_array();
}

void write_body(JsonWriter& out, const Message& m) {
  if (m.connect) write_connect(out, *m.connect);
  if (m.type == Type::publish) out.field("topic", m.topic);
  if (m.id) out.field("message_id", *m.id);
  switch (m.type) {
    case Type::connack:
      out.field("session_present", m.session_present).field("return_code", m.codes.front());
      break;
    case Type::publish:
      write_payload(out, m.payload);
      break;
    case Type::subscribe:
    case Type::unsubscribe:
      write_topics(out, m);
      break;
    case Type::suback:
      write_codes(out, "qos_granted", m);
      break;
    case Type::unsuback:
      if (!m.codes.empty()) write_codes(out, "reason_codes", m);
      break;
    default:
      if (!m.codes.empty()) out.field("reason_code", m.codes.front());
      break;
  }
  write_properties(out, m.properties);
}

void write_one(JsonWriter& out, const Message& m) {
  if (m.type == Type::unassigned) return;
  out.key(type_name(m.type)).begin_object();
  out.field("qos", m.qos()).field("retain", m.retain()).field("dup", m.dup());
  if (m.skipped != 0)
    out.field("truncated", true).field("skipped_length", m.skipped);
  else
    write_body(out, m);
  out.end_object();
}

}  // namespace

void MqttTransaction::write(JsonWriter& out) const {
  out.key("mqtt").begin_object();
  for (const Message& m : messages_) write_one(out, m);
  out.end_object();
}

}  // namespace chieng::collector::mqtt
