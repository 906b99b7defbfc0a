#include "collector/protocol/ntp/ntp.h"

#include <fmt/format.h>

#include "core/bytes/reader.h"

namespace chieng::collector {
namespace ntp {
namespace {

constexpr std::uint16_t kPorts[] = {123};
constexpr std::size_t kHeaderSize = 48;  // RFC 5905 section 7.3
constexpr std::size_t kControlSize = 8;  // of modes 6 and 7

enum class Event : std::uint16_t { malformed_data };
enum class Integer : std::uint8_t { version, mode, stratum };

struct Header {
  std::uint8_t version = 0, mode = 0, stratum = 0;
  std::array<std::byte, 4> reference{};
  bool has_clock = false;  // stratum and reference are there: not in modes 6 and 7
};

std::optional<Header> parse(Bytes datagram) {
  Reader in(datagram);
  const std::uint8_t first = in.u8();
  Header out{.version = static_cast<std::uint8_t>(first >> 3 & 7),
             .mode = static_cast<std::uint8_t>(first & 7)};
  if (!in.ok() || out.version < 3 || out.version > 4) return std::nullopt;
  out.has_clock = datagram.size() >= kHeaderSize;
  if (!out.has_clock)
    return out.mode >= 6 && datagram.size() >= kControlSize ? std::optional(out) : std::nullopt;
  out.stratum = in.u8();
  in.skip(10);
  const Bytes reference = in.take(4);
  std::ranges::copy(reference, out.reference.begin());
  return out;
}

class NtpTransaction final : public Transaction {
 public:
  NtpTransaction(AppProto proto, std::uint64_t id, Direction direction, const Header& header)
      : Transaction(proto, id), direction_(direction), header_(header) {
    set_progress(Direction::to_server, 1);
    set_progress(Direction::to_client, 1);
  }

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned, Direction d,
                                                  std::uint32_t) const override {
    if (d != direction_ || !header_.has_clock) return std::nullopt;
    return BufferSlice{.data = header_.reference};
  }
  [[nodiscard]] std::optional<std::uint64_t> integer(unsigned local, Direction d,
                                                     std::uint32_t instance) const override {
    if (d != direction_ || instance != 0 || header_.version == 0) return std::nullopt;
    switch (static_cast<Integer>(local)) {
      case Integer::version:
        return header_.version;
      case Integer::mode:
        return header_.mode;
      case Integer::stratum:
        if (header_.has_clock) return header_.stratum;
        break;
    }
    return std::nullopt;
  }
  void write(JsonWriter& out) const override {
    if (header_.version == 0) return;
    out.key("ntp").begin_object();
    out.field("version", header_.version).field("mode", header_.mode);
    if (header_.has_clock) {
      std::string text;
      for (const std::byte b : header_.reference)
        text += fmt::format("{}{:02x}", text.empty() ? "" : ":", std::to_integer<unsigned>(b));
      out.field("stratum", header_.stratum).field("reference_id", text);
    }
    out.end_object();
  }
  [[nodiscard]] Direction event_direction() const override { return direction_; }
  [[nodiscard]] bool one_sided() const override { return true; }

 private:
  Direction direction_;
  Header header_;
};

// A datagram in, a transaction out; keeps nothing between them.
class NtpParser final : public Parser {
 public:
  NtpParser(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {}

  void data(Direction d, Bytes data) override {
    const auto header = parse(data);
    auto made = std::make_unique<NtpTransaction>(proto_, host_.next_transaction_id(), d,
                                                 header.value_or(Header{}));
    made->logging_disabled = !header;
    auto* tx = host_.add(std::move(made));
    if (!header) host_.event(tx, static_cast<std::uint16_t>(Event::malformed_data), d);
  }
  void gap(Direction, std::uint64_t) override {}
  void end(Direction) override {}

 private:
  ParserHost& host_;
  AppProto proto_;
};

// Nothing in it is unlikely, so only the port tells.
Probe probe(Direction, Bytes data, bool port_hint) {
  return port_hint && parse(data) ? Probe::yes : Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<NtpParser>(host, proto);
}

constexpr NamedValue kModes[] = {{"reserved", 0}, {"symmetric_active", 1}, {"symmetric_passive", 2},
                                 {"client", 3},   {"server", 4},           {"broadcast", 5},
                                 {"control", 6},  {"private", 7}};
constexpr BufferSpec kBuffers[] = {{.name = "ntp.reference_id", .ready = {1, 1}}};
constexpr IntegerSpec kIntegers[] = {
    {.name = "ntp.version", .ready = {1, 1}, .bits = 8},
    {.name = "ntp.mode", .ready = {1, 1}, .bits = 8, .names = kModes},
    {.name = "ntp.stratum", .ready = {1, 1}, .bits = 8},
};
constexpr std::string_view kEvents[] = {"malformed_data"};

const ProtocolSpec kSpec{.name = "ntp",
                         .rule_names = {"ntp"},
                         .transport = TransportMask::udp,
                         .complete = {1, 1},
                         .buffers = kBuffers,
                         .integers = kIntegers,
                         .event_prefix = "ntp",
                         .events = kEvents};

}  // namespace
}  // namespace ntp

const Protocol kNtp{&ntp::kSpec, ntp::probe, ntp::kPorts, ntp::make};

}  // namespace chieng::collector
