#include "collector/protocol/mqtt/mqtt.h"

#include <algorithm>

#include "collector/protocol/mqtt/transaction.h"
#include "collector/protocol/stream_buffer.h"
#include "core/bytes/reader.h"

namespace chieng::collector {
namespace mqtt {
namespace {

constexpr std::uint16_t kPorts[] = {1883};
constexpr std::size_t kMostMessage = 1u << 20;  // longer ones are skipped
constexpr std::size_t kMostHeld = 4u << 20;     // bytes of exchanges that are not complete
constexpr std::size_t kMostOpen = 512;          // exchanges that are not complete

// Keeps a message (1 MiB) a direction, and open exchanges of kMostHeld bytes.
class MqttParser final : public Parser {
 public:
  MqttParser(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {}

  void data(Direction d, Bytes data) override;
  void gap(Direction d, std::uint64_t bytes) override;
  void end(Direction d) override;

 private:
  struct Side {
    StreamBuffer held;
    std::uint64_t skip = 0;    // bytes of a message that is not kept
    bool lost = false;         // where a message begins is not known
    std::uint64_t framed = 0;  // where the last message with frames ends
  };
  std::size_t next(Direction d, Bytes in);  // bytes used; 0: more is needed, or it is over
  void message(Direction d, Message m, std::size_t bytes);
  void skipped(Direction d, const FixedHeader& header);
  void frames(Direction d, const FixedHeader& header, std::uint64_t at);
  void answer(Direction d, Message m, std::size_t bytes, std::uint32_t id, bool last,
              Event missing);
  MqttTransaction* open(Direction d, Message m, std::size_t bytes);
  [[nodiscard]] MqttTransaction* waiting_for(std::uint32_t id) const;
  void close(MqttTransaction& tx);
  void malformed(Direction d);
  void raise(Transaction* tx, Event e, Direction d) {
    host_.event(tx, static_cast<std::uint16_t>(e), d);
  }

  ParserHost& host_;
  AppProto proto_;
  std::array<Side, 2> sides_;
  std::array<bool, 2> ended_{};
  std::vector<MqttTransaction*> open_;  // live: they are not complete
  std::size_t held_bytes_ = 0;
  std::uint64_t end_ = 0;  // of the present data, in the stream
  std::uint8_t version_ = 0;
  bool connected_ = false;
};

void MqttParser::gap(Direction d, std::uint64_t bytes) {
  Side& side = sides_[index(d)];
  if (bytes <= side.skip) {
    side.skip -= bytes;
    return;
  }
  side.skip = 0;
  side.held.clear();
  side.lost = true;
}

// What is still open is all that will be known of it.
void MqttParser::end(Direction d) {
  ended_[index(d)] = true;
  if (!ended_[0] || !ended_[1]) return;
  for (MqttTransaction* tx : open_) tx->complete();
  open_.clear();
}

void MqttParser::data(Direction d, Bytes data) {
  Side& side = sides_[index(d)];
  end_ = host_.position(d) + data.size();
  const auto drop = static_cast<std::size_t>(std::min<std::uint64_t>(side.skip, data.size()));
  side.skip -= drop;
  data = data.subspan(drop);
  if (side.lost) {
    FixedHeader h;
    if (read_header(data, h) != HeaderState::whole || h.first >> 4 == 0 ||
        h.size + h.length != data.size())
      return;
    side.lost = false;
  }
  side.held.consume(data, [&](Bytes in) {
    const std::size_t used = next(d, in);
    if (used > 0) host_.inspect_raw(d);
    return used;
  });
}

std::size_t MqttParser::next(Direction d, Bytes in) {
  FixedHeader header;
  switch (read_header(in, header)) {
    case HeaderState::incomplete:
      return 0;
    case HeaderState::malformed:
      malformed(d);
      return 0;
    case HeaderState::whole:
      break;
  }
  const std::size_t size = header.size + header.length;
  frames(d, header, end_ - in.size());
  if (size > kMostMessage || held_bytes_ + size > kMostHeld) {
    skipped(d, header);
    const std::size_t here = std::min(size, in.size());
    sides_[index(d)].skip = size - here;
    return here;
  }
  if (in.size() < size) return 0;
  auto parsed = parse(header.first, in.subspan(header.size, header.length), version_);
  if (!parsed) {
    malformed(d);
    return 0;
  }
  message(d, std::move(*parsed), size);
  return size;
}

MqttTransaction* MqttParser::open(Direction d, Message m, std::size_t bytes) {
  const bool too_many = open_.size() >= kMostOpen;
  if (too_many) close(*open_.front());
  auto made = std::make_unique<MqttTransaction>(proto_, host_.next_transaction_id(), d, version_);
  made->add(std::move(m));
  made->bytes = bytes;
  auto* tx = static_cast<MqttTransaction*>(host_.add(std::move(made)));
  open_.push_back(tx);
  held_bytes_ += bytes;
  if (too_many) raise(tx, Event::too_many_transactions, d);
  return tx;
}

void MqttParser::close(MqttTransaction& tx) {
  held_bytes_ -= tx.bytes;
  std::erase(open_, &tx);
  tx.complete();
}

MqttTransaction* MqttParser::waiting_for(std::uint32_t id) const {
  const auto at = std::ranges::find_if(open_, [&](const auto* tx) { return tx->waits_for == id; });
  return at == open_.end() ? nullptr : *at;
}

// Once for each message, as soon as its header is there.
void MqttParser::frames(Direction d, const FixedHeader& header, std::uint64_t at) {
  enum Frame : std::uint8_t { f_pdu, f_header, f_data };
  std::uint64_t& framed = sides_[index(d)].framed;
  if (at < framed) return;
  framed = at + header.size + header.length;
  host_.frame(d, f_pdu, at, header.size + header.length);
  host_.frame(d, f_header, at, header.size);
  if (header.length > 0) host_.frame(d, f_data, at + header.size, header.length);
}

void MqttParser::skipped(Direction d, const FixedHeader& header) {
  Message m;
  m.type = static_cast<Type>(header.first >> 4);
  m.flags = header.first & 15;
  m.skipped = header.size + header.length;
  MqttTransaction* tx = open(d, std::move(m), 0);
  if (!connected_) raise(tx, Event::unintroduced_message, d);
  close(*tx);
}

void MqttParser::malformed(Direction d) {
  MqttTransaction* tx = open(d, Message{}, 0);
  raise(tx, Event::malformed_traffic, d);
  close(*tx);
  end(Direction::to_server);
  end(Direction::to_client);
  host_.stop(Direction::to_server);
  host_.stop(Direction::to_client);
}

// A message that belongs to an earlier one.
void MqttParser::answer(Direction d, Message m, std::size_t bytes, std::uint32_t id, bool last,
                        Event missing) {
  MqttTransaction* tx = waiting_for(id);
  if (tx == nullptr) {
    tx = open(d, std::move(m), bytes);
    raise(tx, missing, d);
    if (!connected_ && missing != Event::missing_connect) raise(tx, Event::unintroduced_message, d);
    return close(*tx);
  }
  if (tx->size() >= MqttTransaction::kMostMessages) {
    raise(tx, Event::too_many_messages, d);
    return close(*tx);
  }
  tx->add(std::move(m));
  tx->bytes += bytes;
  held_bytes_ += bytes;
  if (last) close(*tx);
}

void MqttParser::message(Direction d, Message m, std::size_t bytes) {
  const Type type = m.type;
  const unsigned qos = m.qos();
  const auto id = m.id;
  if (m.connect) version_ = m.connect->version;
  switch (type) {
    case Type::connack: {
      const bool known = waiting_for(MqttTransaction::kConnectId) != nullptr;
      answer(d, std::move(m), bytes, MqttTransaction::kConnectId, true, Event::missing_connect);
      connected_ = connected_ || known;
      return;
    }
    case Type::pubrec:
    case Type::pubrel:
      return answer(d, std::move(m), bytes, *id, false, Event::missing_publish);
    case Type::puback:
    case Type::pubcomp:
      return answer(d, std::move(m), bytes, *id, true, Event::missing_publish);
    case Type::suback:
      return answer(d, std::move(m), bytes, *id, true, Event::missing_subscribe);
    case Type::unsuback:
      return answer(d, std::move(m), bytes, *id, true, Event::missing_unsubscribe);
    default:
      break;
  }
  MqttTransaction* tx = open(d, std::move(m), bytes);
  if (!connected_ && type != Type::connect && type != Type::unassigned)
    raise(tx, Event::unintroduced_message, d);
  switch (type) {
    case Type::connect:
      if (connected_) raise(tx, Event::double_connect, d);
      tx->waits_for = MqttTransaction::kConnectId;
      return;
    case Type::publish:
      if (qos == 0) return close(*tx);
      if (qos == 3) return raise(tx, Event::invalid_qos_level, d);
      tx->waits_for = id;
      return;
    case Type::subscribe:
    case Type::unsubscribe:
      if (qos != 1) raise(tx, Event::invalid_qos_level, d);
      tx->waits_for = id;
      return;
    case Type::unassigned:
      raise(tx, Event::unassigned_msg_type, d);
      break;
    default:
      break;
  }
  close(*tx);
}

bool is_connect(Bytes body) {
  Reader in(body);
  const std::string_view name = as_text(in.take(in.u16()));
  return in.ok() && (name == "MQTT" || name == "MQIsdp");
}

// A CONNECT tells itself; other messages, of connections that were taken up later, need the port.
Probe probe(Direction, Bytes data, bool port_hint) {
  FixedHeader h;
  if (data.empty()) return Probe::maybe;
  const unsigned type = std::to_integer<unsigned>(data[0]) >> 4;
  if (type == 0 || (type != 1 && !port_hint)) return Probe::no;
  const HeaderState state = read_header(data, h);
  if (state == HeaderState::malformed) return Probe::no;
  if (state == HeaderState::incomplete) return Probe::maybe;
  if (type == 1) {
    if (h.first != 0x10) return Probe::no;
    if (data.size() < h.size + 8) return h.length < 8 ? Probe::no : Probe::maybe;
    return is_connect(data.subspan(h.size)) ? Probe::yes : Probe::no;
  }
  const Bytes body = data.subspan(h.size);
  if (body.size() > h.length && std::to_integer<unsigned>(body[h.length]) >> 4 == 0)
    return Probe::no;
  return parse(h.first, body.first(std::min<std::size_t>(body.size(), h.length)), 4) ? Probe::yes
                                                                                     : Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<MqttParser>(host, proto);
}

constexpr NamedValue kTypes[] = {
    {"UNASSIGNED", 0}, {"CONNECT", 1},   {"CONNACK", 2},      {"PUBLISH", 3},
    {"PUBACK", 4},     {"PUBREC", 5},    {"PUBREL", 6},       {"PUBCOMP", 7},
    {"SUBSCRIBE", 8},  {"SUBACK", 9},    {"UNSUBSCRIBE", 10}, {"UNSUBACK", 11},
    {"PINGREQ", 12},   {"PINGRESP", 13}, {"DISCONNECT", 14},  {"AUTH", 15}};
constexpr NamedValue kYesNo[] = {{"yes", 1}, {"true", 1}, {"no", 0}, {"false", 0}};

constexpr BufferSpec of_connect(std::string_view name, FieldClass privacy = FieldClass::plain) {
  return {.name = name, .sides = Sides::to_server, .ready = {1, 1}, .privacy = privacy};
}
constexpr BufferSpec kBuffers[] = {
    of_connect("mqtt.connect.clientid"),
    of_connect("mqtt.connect.username", FieldClass::personal),
    of_connect("mqtt.connect.password", FieldClass::credential),
    of_connect("mqtt.connect.willtopic"),
    of_connect("mqtt.connect.willmessage", FieldClass::content),
    of_connect("mqtt.connect.protocol_string"),
    {.name = "mqtt.publish.topic", .ready = {1, 1}},
    {.name = "mqtt.publish.message", .ready = {1, 1}, .privacy = FieldClass::content},
    {.name = "mqtt.subscribe.topic", .sides = Sides::to_server, .ready = {1, 1}, .multi = true},
    {.name = "mqtt.unsubscribe.topic", .sides = Sides::to_server, .ready = {1, 1}, .multi = true},
};
constexpr IntegerSpec kIntegers[] = {
    {.name = "mqtt.type", .ready = {1, 1}, .bits = 8, .multi = true, .names = kTypes},
    {.name = "mqtt.message_flags",
     .sides = Sides::to_server,
     .ready = {1, 1},
     .bits = 8,
     .multi = true},
    {.name = "mqtt.qos", .sides = Sides::to_server, .ready = {1, 1}, .bits = 8, .multi = true},
    {.name = "mqtt.protocol_version", .sides = Sides::to_server, .ready = {1, 1}, .bits = 8},
    {.name = "mqtt.reason_code",
     .ready = {1, 1},
     .bits = 8,
     .multi = true,
     .aliases = {"mqtt.connack.return_code"}},
    {.name = "mqtt.connack.session_present", .ready = {1, 1}, .bits = 8, .names = kYesNo},
    {.name = "mqtt.connect.flag_bits", .sides = Sides::to_server, .ready = {1, 1}, .bits = 8},
};

constexpr std::string_view kEvents[] = {
    "missing_connect",     "missing_publish",       "missing_subscribe", "missing_unsubscribe",
    "double_connect",      "unintroduced_message",  "invalid_qos_level", "missing_msg_id",
    "unassigned_msg_type", "too_many_transactions", "malformed_traffic", "too_many_messages"};

constexpr std::string_view kFrames[] = {"pdu", "header", "data"};

}  // namespace

const ProtocolSpec kSpec{.name = "mqtt",
                         .rule_names = {"mqtt"},
                         .complete = {1, 1},
                         .buffers = kBuffers,
                         .integers = kIntegers,
                         .event_prefix = "mqtt",
                         .events = kEvents,
                         .frames = kFrames};

}  // namespace mqtt

const Protocol kMqtt{&mqtt::kSpec, mqtt::probe, mqtt::kPorts, mqtt::make};

}  // namespace chieng::collector
