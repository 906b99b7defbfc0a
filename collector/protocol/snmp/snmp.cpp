#include "collector/protocol/snmp/snmp.h"

#include <algorithm>
#include <utility>

#include "collector/protocol/snmp/message.h"

namespace chieng::collector {
namespace snmp {
namespace {

constexpr std::uint16_t kPorts[] = {161, 162};

enum class Buffer : std::uint8_t { community, usm };
enum class Integer : std::uint8_t { version, pdu_type, trap_type };
enum class Event : std::uint16_t { malformed_data, unknown_security_model, version_mismatch };

constexpr BufferSpec kBuffers[] = {
    {.name = "snmp.community", .ready = {1, 1}, .privacy = FieldClass::credential},
    {.name = "snmp.usm", .ready = {1, 1}, .privacy = FieldClass::personal},
};

std::span<const IntegerSpec> integers() {
  static const IntegerSpec list[] = {
      {.name = "snmp.version", .ready = {1, 1}, .bits = 32},
      {.name = "snmp.pdu_type", .ready = {1, 1}, .bits = 32, .names = pdu_names()},
      {.name = "snmp.trap_type", .ready = {1, 1}, .bits = 8, .names = trap_names()},
  };
  return list;
}

constexpr std::string_view kEvents[] = {"malformed_data", "unknown_security_model",
                                        "version_mismatch"};

std::string_view name_in(std::span<const NamedValue> names, std::uint64_t value) {
  const auto at = std::ranges::find(names, value, &NamedValue::value);
  return at == names.end() ? std::string_view("unknown") : at->name;
}

class SnmpTransaction final : public Transaction {
 public:
  SnmpTransaction(AppProto proto, std::uint64_t id, Direction d, Message message)
      : Transaction(proto, id), direction_(d), message_(std::move(message)) {
    set_progress(Direction::to_server, 1);
    set_progress(Direction::to_client, 1);
  }

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned local, Direction d,
                                                  std::uint32_t) const override {
    if (d != direction_) return std::nullopt;
    if (static_cast<Buffer>(local) == Buffer::usm)
      return message_.user ? std::optional(BufferSlice{as_bytes(*message_.user)}) : std::nullopt;
    if (message_.version == 0 || message_.version == 3) return std::nullopt;
    return BufferSlice{as_bytes(message_.community)};
  }

  [[nodiscard]] std::optional<std::uint64_t> integer(unsigned local, Direction d,
                                                     std::uint32_t) const override {
    if (d != direction_ || message_.version == 0) return std::nullopt;
    switch (static_cast<Integer>(local)) {
      case Integer::version:
        return message_.version;
      case Integer::pdu_type:
        return message_.pdu_type;
      case Integer::trap_type:
        return message_.trap_type ? std::optional(static_cast<std::uint64_t>(*message_.trap_type))
                                  : std::nullopt;
    }
    return std::nullopt;
  }

  void write(JsonWriter& out) const override {
    out.key("snmp").begin_object().field("version", message_.version);
    if (message_.encrypted)
      out.field("pdu_type", "encrypted");
    else
      write_pdu(out);
    out.end_object();
  }

  [[nodiscard]] Direction event_direction() const override { return direction_; }
  [[nodiscard]] bool one_sided() const override { return true; }

 private:
  void write_pdu(JsonWriter& out) const {
    if (message_.pdu_type) out.field("pdu_type", name_in(pdu_names(), *message_.pdu_type));
    if (message_.error != 0) out.field("error", error_name(message_.error));
    if (message_.trap_type) {
      out.field("trap_type",
                name_in(trap_names(), static_cast<std::uint64_t>(*message_.trap_type)));
      out.field("trap_oid", message_.trap_oid).field("trap_address", message_.trap_address);
    }
    if (!message_.names.empty()) {
      out.key("vars").begin_array();
      for (const std::string& name : message_.names) out.value(name);
      out.end_array();
    }
    if (message_.version == 1 || message_.version == 2) out.field("community", message_.community);
    if (message_.user) out.field("usm", *message_.user);
  }

  Direction direction_;
  Message message_;
};

// A message in, a transaction out.
class SnmpParser final : public Parser {
 public:
  SnmpParser(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {}
  void data(Direction d, Bytes data) override;
  void gap(Direction, std::uint64_t) override {}
  void end(Direction) override {}

 private:
  void raise(Transaction* tx, Event e, Direction d) { host_.event(tx, std::to_underlying(e), d); }

  ParserHost& host_;
  AppProto proto_;
  unsigned version_ = 0;  // first seen
};

void SnmpParser::data(Direction d, Bytes data) {
  auto message = parse(data);
  const bool good = message.has_value();
  if (!good) message.emplace();
  const unsigned version = message->version;
  const bool unknown_model = message->unknown_security_model;
  auto* tx = host_.add(std::make_unique<SnmpTransaction>(proto_, host_.next_transaction_id(), d,
                                                         std::move(*message)));
  if (!good) {
    tx->logging_disabled = true;
    raise(tx, Event::malformed_data, d);
    return;
  }
  if (version_ == 0) version_ = version;
  if (version != version_) raise(tx, Event::version_mismatch, d);
  if (unknown_model) raise(tx, Event::unknown_security_model, d);
}

// Other protocols carry SNMP messages too, and junk to any port may look like one: only the port
// tells.
Probe probe(Direction, Bytes data, bool port_hint) {
  if (!port_hint || data.empty() || data[0] != std::byte{0x30}) return Probe::no;
  return version_of(data) ? Probe::yes : Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<SnmpParser>(host, proto);
}

const ProtocolSpec kSpec{.name = "snmp",
                         .rule_names = {"snmp"},
                         .transport = TransportMask::udp,
                         .complete = {1, 1},
                         .buffers = kBuffers,
                         .integers = integers(),
                         .event_prefix = "snmp",
                         .events = kEvents};

}  // namespace
}  // namespace snmp

const Protocol kSnmp{&snmp::kSpec, snmp::probe, snmp::kPorts, snmp::make};

}  // namespace chieng::collector
