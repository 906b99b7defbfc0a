#include "collector/protocol/mqtt/transaction.h"

#include <algorithm>

namespace chieng::collector::mqtt {
namespace {

std::optional<BufferSlice> slice(const std::string& text) {
  return BufferSlice{.data = as_bytes(text)};
}
std::optional<BufferSlice> slice(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  return slice(*text);
}

}  // namespace

const Message* MqttTransaction::first_of(Type type) const {
  const auto at = std::ranges::find(messages_, type, &Message::type);
  return at == messages_.end() ? nullptr : &*at;
}

const Connect* MqttTransaction::connect() const {
  const Message* m = first_of(Type::connect);
  return m != nullptr ? m->connect.get() : nullptr;
}

std::optional<BufferSlice> MqttTransaction::buffer(unsigned local, Direction d,
                                                   std::uint32_t instance) const {
  if (d != direction_) return std::nullopt;
  const auto which = static_cast<Buffer>(local);
  if (which == Buffer::subscribe_topic || which == Buffer::unsubscribe_topic) {
    const Message* m =
        first_of(which == Buffer::subscribe_topic ? Type::subscribe : Type::unsubscribe);
    if (m == nullptr || instance >= m->topics.size()) return std::nullopt;
    return slice(m->topics[instance].name);
  }
  if (which == Buffer::publish_topic || which == Buffer::publish_message) {
    const Message* m = first_of(Type::publish);
    if (m == nullptr || m->skipped != 0) return std::nullopt;
    return slice(which == Buffer::publish_topic ? m->topic : m->payload);
  }
  const Connect* c = connect();
  if (c == nullptr) return std::nullopt;
  const bool will = (c->flags & connect_flag::will) != 0;
  switch (which) {
    case Buffer::client_id:
      return slice(c->client_id);
    case Buffer::username:
      return slice(c->username);
    case Buffer::password:
      return slice(c->password);
    case Buffer::will_topic:
      return will ? slice(c->will_topic) : std::nullopt;
    case Buffer::will_message:
      return will ? slice(c->will_message) : std::nullopt;
    case Buffer::protocol:
      return slice(c->protocol);
    case Buffer::publish_topic:
    case Buffer::publish_message:
    case Buffer::subscribe_topic:
    case Buffer::unsubscribe_topic:
      break;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> MqttTransaction::reason(std::uint32_t instance) const {
  for (const Message& m : messages_) {
    if (instance < m.codes.size()) return m.codes[instance];
    instance -= static_cast<std::uint32_t>(m.codes.size());
  }
  return std::nullopt;
}

std::optional<std::uint64_t> MqttTransaction::integer(unsigned local, Direction d,
                                                      std::uint32_t instance) const {
  if (d != direction_) return std::nullopt;
  const bool there = instance < messages_.size();
  switch (static_cast<Integer>(local)) {
    case Integer::type:
      if (there) return static_cast<std::uint64_t>(messages_[instance].type);
      break;
    case Integer::flags:
      if (there) return messages_[instance].flags;
      break;
    case Integer::qos:
      if (there) return messages_[instance].qos();
      break;
    case Integer::version:
      if (instance == 0) return version_;
      break;
    case Integer::reason_code:
      return reason(instance);
    case Integer::session_present:
      if (const Message* m = first_of(Type::connack); m != nullptr && instance == 0)
        return m->session_present ? 1 : 0;
      break;
    case Integer::connect_flags:
      if (const Connect* c = connect(); c != nullptr && instance == 0) return c->flags;
      break;
  }
  return std::nullopt;
}

}  // namespace chieng::collector::mqtt
