#include "collector/protocol/modbus/modbus.h"

#include <algorithm>

#include "collector/protocol/modbus/transaction.h"
#include "collector/protocol/stream_buffer.h"

namespace chieng::collector {
namespace modbus {
namespace {

constexpr std::uint16_t kPorts[] = {502};
constexpr std::size_t kMostLength = 254;  // of unit, function and data
constexpr std::size_t kMostOpen = 500;    // requests without a response

// Keeps a message (260 bytes) a direction and kMostOpen requests.
class ModbusParser final : public Parser {
 public:
  ModbusParser(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {}

  void data(Direction d, Bytes data) override;
  void gap(Direction d, std::uint64_t) override {
    held_[index(d)].clear();
    lost_[index(d)] = true;
  }
  void end(Direction d) override;

 private:
  std::size_t next(Direction d, Bytes in);  // bytes used; 0: more is needed
  void request(const Header& header, Bytes pdu);
  void response(const Header& header, Bytes pdu);
  void raise_faults(ModbusTransaction* tx, unsigned faults, Direction d);
  void raise(Transaction* tx, Event e, Direction d) {
    host_.event(tx, static_cast<std::uint16_t>(e), d);
  }
  ModbusTransaction* add() {
    return static_cast<ModbusTransaction*>(
        host_.add(std::make_unique<ModbusTransaction>(proto_, host_.next_transaction_id())));
  }

  ParserHost& host_;
  AppProto proto_;
  std::array<StreamBuffer, 2> held_;
  std::array<bool, 2> lost_{}, ended_{};
  std::vector<ModbusTransaction*> open_;  // live: they are not complete
  bool flooded_ = false;
};

bool plausible(Bytes in) {
  const Header h = read_header(in);
  if (in.size() < Header::kSize + 1 || h.protocol != 0) return false;
  return h.length >= 2 && h.length <= kMostLength;
}

void ModbusParser::end(Direction d) {
  ended_[index(d)] = true;
  if (!ended_[0] || !ended_[1]) return;
  for (ModbusTransaction* tx : open_) tx->complete();
  open_.clear();
}

void ModbusParser::data(Direction d, Bytes data) {
  if (lost_[index(d)] && !plausible(data)) return;
  lost_[index(d)] = false;
  StreamBuffer& held = held_[index(d)];
  const Bytes in = held.join(data);
  std::size_t used = 0;
  while (used < in.size() && !lost_[index(d)]) {
    const std::size_t n = next(d, in.subspan(used));
    if (n == 0) break;
    used += n;
    host_.inspect_raw(d);
  }
  if (lost_[index(d)])
    held.clear();
  else
    held.keep(in, used);
}

std::size_t ModbusParser::next(Direction d, Bytes in) {
  if (in.size() < Header::kSize - 1) return 0;
  const Header h = read_header(in);
  if (h.length == 0 || h.length > kMostLength) {
    // Where the next message begins is not known.
    ModbusTransaction* tx = add();
    Message m;
    m.header.transaction = h.transaction;
    m.header.protocol = h.protocol;
    m.faults = fault::data_length;
    tx->set_request(std::move(m));
    raise(tx, Event::invalid_length, d);
    tx->complete();
    lost_[index(d)] = true;
    return in.size();
  }
  const std::size_t size = Header::kSize - 1 + h.length;
  if (in.size() < size) return 0;
  const Bytes pdu = in.subspan(Header::kSize, size - Header::kSize);
  if (d == Direction::to_server)
    request(h, pdu);
  else
    response(h, pdu);
  return size;
}

void ModbusParser::raise_faults(ModbusTransaction* tx, unsigned faults, Direction d) {
  const auto when = [&](unsigned bit, Event e) {
    if ((faults & bit) != 0) raise(tx, e, d);
  };
  when(fault::protocol_id, Event::invalid_protocol_id);
  when(fault::data_length, Event::invalid_length);
  when(fault::data_value, d == Direction::to_server ? Event::invalid_value : Event::value_mismatch);
  when(fault::exception_code, Event::invalid_exception_code);
  when(fault::function_code, Event::invalid_function_code);
}

void ModbusParser::request(const Header& header, Bytes pdu) {
  if (open_.size() >= kMostOpen) {
    if (!std::exchange(flooded_, true)) raise(open_.back(), Event::flooded, Direction::to_server);
    return;
  }
  ModbusTransaction* tx = add();
  Message m = parse_request(header, pdu);
  const unsigned faults = m.faults;
  tx->set_request(std::move(m));
  open_.push_back(tx);
  raise_faults(tx, faults, Direction::to_server);
}

void ModbusParser::response(const Header& header, Bytes pdu) {
  const std::uint8_t code =
      pdu.empty() ? 0 : static_cast<std::uint8_t>(std::to_integer<unsigned>(pdu[0]) & 0x7fu);
  const auto at = std::ranges::find_if(open_, [&](const ModbusTransaction* tx) {
    return tx->request()->header.transaction == header.transaction && tx->request()->code() == code;
  });
  ModbusTransaction* tx = nullptr;
  const Message* asked = nullptr;
  if (at != open_.end()) {
    tx = *at;
    asked = tx->request();
    open_.erase(at);
  } else {
    tx = add();
    raise(tx, Event::unsolicited_response, Direction::to_client);
  }
  Message m = parse_response(header, pdu, asked);
  const unsigned faults = m.faults;
  tx->set_response(std::move(m));
  raise_faults(tx, faults, Direction::to_client);
}

// The header has little of its own: the port counts.
Probe probe(Direction d, Bytes data, bool port_hint) {
  if (!port_hint) return Probe::no;
  if (data.size() < Header::kSize + 1) {
    const Header h = read_header(data);
    return data.size() >= 4 && h.protocol != 0 ? Probe::no : Probe::maybe;
  }
  if (!plausible(data)) return Probe::no;
  const auto function = std::to_integer<unsigned>(data[Header::kSize]);
  const bool exception = (function & 0x80u) != 0;  // which only a response can be
  return (function & 0x7fu) != 0 && (!exception || d == Direction::to_client) ? Probe::yes
                                                                              : Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<ModbusParser>(host, proto);
}

// In the order of Integer; the keyword modbus: is made of them.
constexpr IntegerSpec field(std::string_view name, unsigned bits, bool multi = false) {
  return {.name = name, .sides = Sides::to_server, .ready = {1, 1}, .bits = bits, .multi = multi};
}
constexpr IntegerSpec kIntegers[] = {
    field("modbus.function", 8),
    field("modbus.subfunction", 16),
    field("modbus.category", 8),
    field("modbus.access", 16),
    field("modbus.unit", 8),
    field("modbus.read_address", 32, true),
    field("modbus.write_point", 48, true),
};
constexpr std::string_view kEvents[] = {
    "invalid_protocol_id",    "unsolicited_response", "invalid_length", "invalid_value",
    "invalid_exception_code", "value_mismatch",       "flooded",        "invalid_function_code"};

}  // namespace

const ProtocolSpec kSpec{.name = "modbus",
                         .rule_names = {"modbus"},
                         .complete = {1, 1},
                         .integers = kIntegers,
                         .event_prefix = "modbus",
                         .events = kEvents};

}  // namespace modbus

const Protocol kModbus{&modbus::kSpec, modbus::probe, modbus::kPorts, modbus::make};

}  // namespace chieng::collector
