#include "collector/protocol/dhcp/dhcp.h"

#include "collector/protocol/dhcp/transaction.h"
#include "core/bytes/reader.h"

namespace chieng::collector {
namespace dhcp {
namespace {

constexpr std::uint16_t kPorts[] = {67, 68};

// A datagram in, a transaction out; keeps nothing between them.
class DhcpParser final : public Parser {
 public:
  DhcpParser(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {}

  void data(Direction d, Bytes data) override {
    auto message = parse(data);
    if (!message) return;
    const bool truncated = message->truncated, malformed = message->malformed;
    auto* tx = host_.add(std::make_unique<DhcpTransaction>(proto_, host_.next_transaction_id(), d,
                                                           std::move(*message)));
    if (malformed) host_.event(tx, static_cast<std::uint16_t>(Event::malformed_options), d);
    if (truncated) host_.event(tx, static_cast<std::uint16_t>(Event::truncated_options), d);
  }
  void gap(Direction, std::uint64_t) override {}
  void end(Direction) override {}

 private:
  ParserHost& host_;
  AppProto proto_;
};

// The cookie is unlikely enough to tell it on any port.
Probe probe(Direction, Bytes data, bool) {
  Reader in(data);
  const std::uint8_t op = in.u8();
  in.skip(kFixedSize - 5);
  return in.u32() == 0x63825363 && in.ok() && (op == 1 || op == 2) ? Probe::yes : Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<DhcpParser>(host, proto);
}

constexpr IntegerSpec kIntegers[] = {
    {.name = "dhcp.leasetime", .ready = {1, 1}, .bits = 64},
    {.name = "dhcp.rebinding_time", .ready = {1, 1}, .bits = 64},
    {.name = "dhcp.renewal_time", .ready = {1, 1}, .bits = 64},
};
constexpr std::string_view kEvents[] = {"truncated_options", "malformed_options"};

}  // namespace

std::optional<std::uint64_t> DhcpTransaction::integer(unsigned local, Direction d,
                                                      std::uint32_t instance) const {
  static constexpr std::uint8_t codes[] = {option::lease_time, option::rebinding_time,
                                           option::renewal_time};
  if (d != direction_ || instance != 0) return std::nullopt;
  return message_.seconds(codes[local]);
}

const ProtocolSpec kSpec{.name = "dhcp",
                         .rule_names = {"dhcp"},
                         .transport = TransportMask::udp,
                         .complete = {1, 1},
                         .integers = kIntegers,
                         .event_prefix = "dhcp",
                         .events = kEvents};

}  // namespace dhcp

const Protocol kDhcp{&dhcp::kSpec, dhcp::probe, dhcp::kPorts, dhcp::make};

}  // namespace chieng::collector
