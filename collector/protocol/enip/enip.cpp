#include "collector/protocol/enip/enip.h"

#include <algorithm>

#include "collector/protocol/enip/transaction.h"
#include "collector/protocol/stream_buffer.h"
#include "core/bytes/reader.h"

namespace chieng::collector {
namespace enip {
namespace {

constexpr std::uint16_t kPorts[] = {44818};
constexpr std::size_t kMostOpen = 512;  // requests without a response

// Keeps a message (64 KiB) a direction and kMostOpen requests.
class EnipParser final : public Parser {
 public:
  EnipParser(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {}

  void data(Direction d, Bytes data) override;
  void gap(Direction d, std::uint64_t) override {
    held_[index(d)].clear();
    lost_[index(d)] = true;
  }
  void end(Direction d) override;

 private:
  [[nodiscard]] bool is_udp() const { return host_.flow().key.proto == ip_proto::udp; }
  void message(Direction d, Message m);
  EnipTransaction* add() {
    return static_cast<EnipTransaction*>(
        host_.add(std::make_unique<EnipTransaction>(proto_, host_.next_transaction_id())));
  }

  ParserHost& host_;
  AppProto proto_;
  std::array<StreamBuffer, 2> held_;
  std::array<bool, 2> lost_{}, ended_{};
  std::vector<EnipTransaction*> open_;  // live: they are not complete
};

void EnipParser::end(Direction d) {
  ended_[index(d)] = true;
  if (!ended_[0] || !ended_[1]) return;
  for (EnipTransaction* tx : open_) tx->complete();
  open_.clear();
}

void EnipParser::data(Direction d, Bytes data) {
  if (lost_[index(d)]) {
    if (data.size() < Message::kHeaderSize || !plausible(read_header(data), data)) return;
    lost_[index(d)] = false;
  }
  StreamBuffer& held = held_[index(d)];
  const Bytes in = held.join(data);
  std::size_t used = 0;
  while (in.size() - used >= Message::kHeaderSize) {
    const Bytes rest = in.subspan(used);
    Message m = read_header(rest);
    const std::size_t size = Message::kHeaderSize + m.length;
    if (rest.size() < size) break;
    read_body(m, rest.subspan(Message::kHeaderSize, m.length));
    message(d, std::move(m));
    used += size;
    host_.inspect_raw(d);
  }
  if (is_udp())
    held.clear();
  else
    held.keep(in, used);
}

void EnipParser::message(Direction d, Message m) {
  EnipTransaction* tx = nullptr;
  const bool malformed = m.malformed;
  if (d == Direction::to_server) {
    bool too_many = open_.size() >= kMostOpen;
    if (too_many) {
      open_.front()->complete();
      open_.erase(open_.begin());
    }
    tx = add();
    open_.push_back(tx);
    tx->request = std::move(m);
    if (is_udp()) tx->set_progress(d, 1);
    if (too_many) host_.event(tx, static_cast<std::uint16_t>(Event::too_many_transactions), d);
  } else {
    const auto at = std::ranges::find_if(open_, [&](const EnipTransaction* open) {
      return open->request->command == m.command && open->request->session == m.session;
    });
    const auto same = at != open_.end() ? at : std::ranges::find_if(open_, [&](const auto* open) {
      return open->request->command == m.command;
    });
    if (same != open_.end()) {
      tx = *same;
      open_.erase(same);
    } else {
      tx = add();
    }
    tx->response = std::move(m);
    tx->complete();
  }
  if (malformed) host_.event(tx, static_cast<std::uint16_t>(Event::invalid_pdu), d);
}

Probe probe(Direction, Bytes data, bool port_hint) {
  if (!port_hint) return Probe::no;
  if (data.size() < Message::kHeaderSize) return Probe::maybe;
  const Message h = read_header(data);
  return plausible(h, data) ? Probe::yes : Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<EnipParser>(host, proto);
}

constexpr NamedValue kCommands[] = {{"nop", command::nop},
                                    {"list_services", command::list_services},
                                    {"list_identity", command::list_identity},
                                    {"list_interfaces", command::list_interfaces},
                                    {"register_session", command::register_session},
                                    {"unregister_session", command::unregister_session},
                                    {"send_r_r_data", command::send_rr_data},
                                    {"send_rr_data", command::send_rr_data},
                                    {"send_unit_data", command::send_unit_data},
                                    {"indicate_status", command::indicate_status},
                                    {"cancel", command::cancel}};

constexpr BufferSpec kBuffers[] = {{.name = "enip.product_name", .ready = {1, 1}},
                                   {.name = "enip.service_name", .ready = {1, 1}}};

constexpr IntegerSpec field(std::string_view name, unsigned bits, bool multi = false) {
  return {.name = name, .ready = {1, 1}, .bits = bits, .multi = multi};
}
// In the order of Integer.
constexpr IntegerSpec kIntegers[] = {
    {.name = "enip_command",
     .ready = {1, 1},
     .bits = 16,
     .names = kCommands,
     .aliases = {"enip.command"}},
    field("enip.status", 32),
    field("enip.protocol_version", 16),
    field("enip.revision", 16),
    field("enip.identity_status", 16),
    field("enip.state", 8),
    field("enip.serial", 32),
    field("enip.product_code", 16),
    field("enip.device_type", 16),
    field("enip.vendor_id", 16),
    field("enip.capabilities", 16),
    field("enip.cip_class", 32, true),
    field("enip.cip_attribute", 32, true),
    field("enip.cip_instance", 32, true),
    field("enip.cip_status", 8, true),
    field("enip.cip_extendedstatus", 16, true),
    field("enip.cip_packed", 48, true),
};
constexpr std::string_view kEvents[] = {"too_many_transactions", "invalid_pdu"};

}  // namespace

const ProtocolSpec kSpec{.name = "enip",
                         .rule_names = {"enip"},
                         .transport = TransportMask::both,
                         .complete = {1, 1},
                         .buffers = kBuffers,
                         .integers = kIntegers,
                         .event_prefix = "enip",
                         .events = kEvents};

}  // namespace enip

const Protocol kEnip{&enip::kSpec, enip::probe, enip::kPorts, enip::make};

}  // namespace chieng::collector
