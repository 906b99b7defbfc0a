#include "collector/protocol/telnet/telnet.h"

#include <algorithm>

namespace chieng::collector {
namespace telnet {
namespace {

constexpr std::uint16_t kPorts[] = {23};
constexpr std::byte kIac{255};
constexpr std::uint8_t kSubnegotiation = 250, kWill = 251, kDont = 254;
enum class Frame : std::uint8_t { pdu, ctl, data };

// Keeps where a command began that is not whole, not its bytes.
class TelnetParser final : public Parser {
 public:
  static constexpr std::uint64_t kMostCommand = 4096;

  explicit TelnetParser(ParserHost& host) : host_(host) {}
  void data(Direction d, Bytes data) override;
  void gap(Direction d, std::uint64_t) override { sides_[index(d)] = {}; }
  void end(Direction) override {}

 private:
  enum class Stage : std::uint8_t { text, iac, option, subnegotiation };
  struct Side {
    Stage stage = Stage::text;
    std::uint64_t begin = 0;  // of the command, in the stream
  };
  void add(Direction d, Frame kind, std::uint64_t from, std::uint64_t to);
  void byte(Direction d, Side& side, std::byte b, std::uint64_t at);

  ParserHost& host_;
  std::array<Side, 2> sides_;
};

void TelnetParser::add(Direction d, Frame kind, std::uint64_t from, std::uint64_t to) {
  if (from == to) return;
  host_.frame(d, static_cast<std::uint8_t>(Frame::pdu), from, to - from);
  host_.frame(d, static_cast<std::uint8_t>(kind), from, to - from);
}

void TelnetParser::data(Direction d, Bytes data) {
  Side& side = sides_[index(d)];
  const std::uint64_t base = host_.position(d);
  std::size_t at = 0;
  while (at < data.size()) {
    if (side.stage == Stage::text) {
      const auto iac = std::find(data.begin() + static_cast<std::ptrdiff_t>(at), data.end(), kIac);
      const auto end = static_cast<std::size_t>(iac - data.begin());
      add(d, Frame::data, base + at, base + end);
      at = end;
      if (at == data.size()) break;
      side = {Stage::iac, base + at};
      ++at;
      continue;
    }
    byte(d, side, data[at], base + at);
    ++at;
  }
}

// A subnegotiation lasts until the next command, which is the one that ends it.
void TelnetParser::byte(Direction d, Side& side, std::byte b, std::uint64_t at) {
  const auto value = std::to_integer<std::uint8_t>(b);
  switch (side.stage) {
    case Stage::text:
      break;
    case Stage::iac:
      if (value == kSubnegotiation) {
        side.stage = Stage::subnegotiation;
      } else if (value >= kWill && value <= kDont) {
        side.stage = Stage::option;
      } else {
        add(d, Frame::ctl, side.begin, at + 1);
        side.stage = Stage::text;
      }
      break;
    case Stage::option:
      add(d, Frame::ctl, side.begin, at + 1);
      side.stage = Stage::text;
      break;
    case Stage::subnegotiation:
      if (b == kIac) {
        add(d, Frame::ctl, side.begin, at);
        side = {Stage::iac, at};
      } else if (at - side.begin > kMostCommand) {
        side.stage = Stage::text;
      }
      break;
  }
}

// Whole commands of two parts or more in a row, each about an option that there is.
bool negotiates(Bytes data) {
  constexpr std::size_t kCommand = 3, kLeast = 2 * kCommand;
  constexpr std::uint8_t kOptions = 50;
  if (data.size() < kLeast) return false;
  for (std::size_t at = 0; at < kLeast; at += kCommand) {
    const auto verb = std::to_integer<std::uint8_t>(data[at + 1]);
    if (data[at] != kIac || verb < kWill || verb > kDont ||
        std::to_integer<std::uint8_t>(data[at + 2]) >= kOptions)
      return false;
  }
  return true;
}

bool is_text(Bytes data) {
  constexpr std::size_t kLooked = 64;
  return std::ranges::all_of(data.first(std::min(kLooked, data.size())), [](std::byte b) {
    const auto c = std::to_integer<std::uint8_t>(b);
    return c == '\r' || c == '\n' || c == '\t' || c == '\b' || c == 0x1b || c == 0 ||
           (c >= 0x20 && c < 0x7f) || c >= 0x80;
  });
}

Probe probe(Direction, Bytes data, bool port_hint) {
  if (data.empty()) return Probe::maybe;
  if (negotiates(data)) return Probe::yes;
  return port_hint && (data[0] == kIac || is_text(data)) ? Probe::yes : Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto) {
  return std::make_unique<TelnetParser>(host);
}

constexpr std::string_view kFrames[] = {"pdu", "ctl", "data"};
constexpr ProtocolSpec kSpec{
    .name = "telnet", .rule_names = {"telnet"}, .transport = TransportMask::tcp, .frames = kFrames};

}  // namespace
}  // namespace telnet

const Protocol kTelnet{&telnet::kSpec, telnet::probe, telnet::kPorts, telnet::make};

}  // namespace chieng::collector
