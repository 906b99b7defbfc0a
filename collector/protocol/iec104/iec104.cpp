#include "collector/protocol/iec104/iec104.h"

#include <algorithm>

#include "collector/protocol/stream_buffer.h"
#include "core/bytes/reader.h"

namespace chieng::collector {
namespace iec104 {
namespace {

constexpr std::uint16_t kPorts[] = {2404};
constexpr std::uint8_t kStart = 0x68;
constexpr std::size_t kHeader = 6;  // start, length, four bytes of control
constexpr std::size_t kMostLength = 253;

enum class Event : std::uint16_t { invalid_start };
enum class Format : std::uint8_t { information, supervisory, unnumbered };

// IEC 60870-5-104 section 5.
struct Apdu {
  Format format = Format::unnumbered;
  std::uint8_t function = 0;  // of an unnumbered one: the first byte of control
  bool has_asdu = false;
  std::uint8_t type = 0, objects = 0, cause = 0, originator = 0;
  bool sequence = false, negative = false, test = false;
  std::uint16_t address = 0;
  std::optional<std::uint32_t> first_object;
};

Apdu parse(Bytes apdu) {
  Reader in(apdu);
  in.skip(2);
  Apdu out;
  out.function = in.u8();
  in.skip(3);
  out.format = (out.function & 1) == 0   ? Format::information
               : (out.function & 3) == 1 ? Format::supervisory
                                         : Format::unnumbered;
  if (out.format != Format::information) return out;
  out.type = in.u8();
  const std::uint8_t qualifier = in.u8(), cause = in.u8();
  out.originator = in.u8();
  out.address = in.u16le();
  if (!in.ok()) return out;
  out.has_asdu = true;
  out.objects = qualifier & 0x7f;
  out.sequence = (qualifier & 0x80) != 0;
  out.cause = cause & 0x3f;
  out.negative = (cause & 0x40) != 0;
  out.test = (cause & 0x80) != 0;
  if (in.remaining() >= 3) out.first_object = in.u16le() | std::uint32_t{in.u8()} << 16;
  return out;
}

std::string_view function_name(std::uint8_t function) {
  switch (function) {
    case 0x07:
      return "startdt_act";
    case 0x0b:
      return "startdt_con";
    case 0x13:
      return "stopdt_act";
    case 0x23:
      return "stopdt_con";
    case 0x43:
      return "testfr_act";
    case 0x83:
      return "testfr_con";
    default:
      return "unknown";
  }
}

class ApduTransaction final : public Transaction {
 public:
  ApduTransaction(AppProto proto, std::uint64_t id, Direction direction, const Apdu& apdu)
      : Transaction(proto, id), direction_(direction), apdu_(apdu) {
    set_progress(Direction::to_server, 1);
    set_progress(Direction::to_client, 1);
  }
  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned, Direction,
                                                  std::uint32_t) const override {
    return std::nullopt;
  }
  void write(JsonWriter& out) const override {
    out.key("iec104").begin_object();
    if (!apdu_.has_asdu) {
      out.field("format", "u").field("function", function_name(apdu_.function)).end_object();
      return;
    }
    out.field("format", "i").field("type_id", apdu_.type).field("objects", apdu_.objects);
    out.field("sequence", apdu_.sequence).field("cause", apdu_.cause);
    out.field("negative", apdu_.negative).field("test", apdu_.test);
    out.field("originator", apdu_.originator).field("common_address", apdu_.address);
    if (apdu_.first_object) out.field("information_object", *apdu_.first_object);
    out.end_object();
  }
  [[nodiscard]] Direction event_direction() const override { return direction_; }
  [[nodiscard]] bool one_sided() const override { return true; }

 private:
  Direction direction_;
  Apdu apdu_;
};

// Keeps an APDU (255 bytes) a direction. Acknowledgements and tests of the line are no events.
class Iec104Parser final : public Parser {
 public:
  Iec104Parser(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {}

  void data(Direction d, Bytes data) override;
  void gap(Direction d, std::uint64_t) override { held_[index(d)].clear(); }
  void end(Direction) override {}

 private:
  Transaction* add(Direction d, const Apdu& apdu) {
    return host_.add(
        std::make_unique<ApduTransaction>(proto_, host_.next_transaction_id(), d, apdu));
  }

  ParserHost& host_;
  AppProto proto_;
  std::array<StreamBuffer, 2> held_;
  std::array<bool, 2> lost_{};  // told once a loss
};

void Iec104Parser::data(Direction d, Bytes data) {
  const Bytes in = held_[index(d)].join(data);
  std::size_t used = 0;
  while (in.size() - used >= kHeader) {
    const Bytes rest = in.subspan(used);
    const auto length = std::to_integer<std::size_t>(rest[1]);
    if (rest[0] != std::byte{kStart} || length < 4 || length > kMostLength) {
      if (!std::exchange(lost_[index(d)], true)) {
        Transaction* tx = add(d, {});
        tx->logging_disabled = true;
        host_.event(tx, static_cast<std::uint16_t>(Event::invalid_start), d);
      }
      const auto at = std::ranges::find(rest.subspan(1), std::byte{kStart});
      used += static_cast<std::size_t>(at - rest.begin());
      continue;
    }
    if (rest.size() < length + 2) break;
    lost_[index(d)] = false;
    const Apdu apdu = parse(rest.first(length + 2));
    const bool line_test = apdu.function == 0x43 || apdu.function == 0x83;
    if (apdu.has_asdu || (apdu.format == Format::unnumbered && !line_test)) add(d, apdu);
    used += length + 2;
    host_.inspect_raw(d);
  }
  held_[index(d)].keep(in, used);
}

// What control can be: an unnumbered function alone, or numbers with their lowest bits at zero.
bool plausible_control(Bytes apdu) {
  Reader in(apdu);
  in.skip(2);
  const std::uint8_t first = in.u8(), second = in.u8(), third = in.u8(), fourth = in.u8();
  if ((first & 1) == 0) return (third & 1) == 0;
  if ((first & 3) == 1) return first == 1 && second == 0 && (third & 1) == 0;
  return function_name(first) != "unknown" && second == 0 && third == 0 && fourth == 0;
}

Probe probe(Direction, Bytes data, bool port_hint) {
  if (!port_hint) return Probe::no;
  if (data.size() < kHeader)
    return data.empty() || data[0] == std::byte{kStart} ? Probe::maybe : Probe::no;
  const auto length = std::to_integer<std::size_t>(data[1]);
  return data[0] == std::byte{kStart} && length >= 4 && length <= kMostLength &&
                 plausible_control(data)
             ? Probe::yes
             : Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<Iec104Parser>(host, proto);
}

constexpr std::string_view kEvents[] = {"invalid_start"};
const ProtocolSpec kSpec{.name = "iec104",
                         .rule_names = {"iec104"},
                         .complete = {1, 1},
                         .event_prefix = "iec104",
                         .events = kEvents};

}  // namespace
}  // namespace iec104

const Protocol kIec104{&iec104::kSpec, iec104::probe, iec104::kPorts, iec104::make};

}  // namespace chieng::collector
