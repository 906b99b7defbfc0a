#include "collector/protocol/dnp3/dnp3.h"

#include <algorithm>

#include "collector/protocol/dnp3/transaction.h"
#include "collector/protocol/stream_buffer.h"
#include "core/bytes/reader.h"

namespace chieng::collector {
namespace dnp3 {
namespace {

constexpr std::uint16_t kPorts[] = {20000};
constexpr std::uint8_t kConfirm = 0;
constexpr unsigned kFloodLimit = 32;       // requests without a response
constexpr std::size_t kLeastUserData = 3;  // a transport header and two bytes
constexpr std::uint8_t kTransportFin = 0x80, kTransportFir = 0x40;

// Keeps a frame (292 bytes) and a message being put together (16 KiB) a direction.
class Dnp3Parser final : public Parser {
 public:
  Dnp3Parser(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {}

  void data(Direction d, Bytes data) override;
  void gap(Direction d, std::uint64_t) override {
    sides_[index(d)].held.clear();
    sides_[index(d)].message.clear();
    sides_[index(d)].open = false;
  }
  void end(Direction) override {}

 private:
  struct Side {
    StreamBuffer held;
    std::string message, segment;
    std::uint8_t sequence = 0;
    bool open = false;  // the first segment of a message has been seen
  };
  std::size_t frame(Direction d, Bytes in);  // bytes used; 0: more is needed
  void user_data(Direction d, const LinkHeader& link, Bytes data);
  void message(Direction d, const LinkHeader& link, std::string bytes);
  void too_long(Direction d, const LinkHeader& link, std::string bytes);
  [[nodiscard]] bool is_flooded(Direction d) const {
    return d == Direction::to_server && unreplied_ > kFloodLimit;
  }
  void raise(Transaction* tx, Event e, Direction d) {
    host_.event(tx, static_cast<std::uint16_t>(e), d);
  }
  void raise_alone(Direction d, Event e);

  ParserHost& host_;
  AppProto proto_;
  std::array<Side, 2> sides_;
  unsigned unreplied_ = 0;
};

void Dnp3Parser::raise_alone(Direction d, Event e) {
  auto tx = std::make_unique<Dnp3Transaction>(proto_, host_.next_transaction_id(), d);
  tx->logging_disabled = true;
  tx->set_progress(Direction::to_server, 1);
  tx->set_progress(Direction::to_client, 1);
  raise(host_.add(std::move(tx)), e, d);
}

void Dnp3Parser::data(Direction d, Bytes data) {
  StreamBuffer& held = sides_[index(d)].held;
  const Bytes in = held.join(data);
  std::size_t used = 0;
  while (used < in.size()) {
    const std::size_t n = frame(d, in.subspan(used));
    if (n == 0) break;
    used += n;
  }
  if (used > 0) host_.inspect_raw(d);
  held.keep(in, used);
  if (host_.flow().key.proto != ip_proto::tcp) held.clear();
}

std::size_t Dnp3Parser::frame(Direction d, Bytes in) {
  Reader start(in);
  if (in.size() >= 2 && start.u16() != kStart) {
    // Lost its place (a gap, or bytes that are none of DNP3): on to the next start.
    constexpr std::byte mark[] = {std::byte{0x05}, std::byte{0x64}};
    const auto at = std::ranges::search(in, mark).begin();
    const auto skipped = static_cast<std::size_t>(at - in.begin());
    return at == in.end() && in.back() == mark[0] ? skipped - 1 : skipped;
  }
  if (in.size() < LinkHeader::kSize) return 0;
  const LinkHeader link = read_header(in);
  if (!header_crc_ok(in)) {
    raise_alone(d, Event::bad_link_crc);
    return 2;
  }
  if (link.length < 5) {
    raise_alone(d, Event::len_too_small);
    return LinkHeader::kSize;
  }
  if (in.size() < link.frame_size()) return 0;
  if (!link.has_user_data()) return link.frame_size();
  if (link.user_size() < kLeastUserData) {
    raise_alone(d, Event::len_too_small);
    return link.frame_size();
  }
  std::string& segment = sides_[index(d)].segment;
  segment.clear();
  if (!append_user_data(in, link, segment))
    raise_alone(d, Event::bad_transport_crc);
  else
    user_data(d, link, as_bytes(segment));
  return link.frame_size();
}

// The transport function (clause 8): a byte of FIN, FIR and sequence before each segment.
void Dnp3Parser::user_data(Direction d, const LinkHeader& link, Bytes data) {
  Side& side = sides_[index(d)];
  Reader in(data);
  const std::uint8_t transport = in.u8(), sequence = transport & 0x3f;
  if ((transport & kTransportFir) != 0) {
    side.message.clear();
    side.open = true;
  } else if (!side.open || sequence != ((side.sequence + 1) & 0x3f)) {
    side.open = false;
    return;
  }
  side.sequence = sequence;
  if (side.message.size() + in.remaining() > Dnp3Transaction::kMostBytes) {
    side.open = false;
    return too_long(d, link, std::exchange(side.message, {}));
  }
  side.message += as_text(in.rest());
  if ((transport & kTransportFin) == 0) return;
  side.open = false;
  message(d, link, std::exchange(side.message, {}));
}

void Dnp3Parser::too_long(Direction d, const LinkHeader& link, std::string bytes) {
  auto made = std::make_unique<Dnp3Transaction>(proto_, host_.next_transaction_id(), d);
  if (!made->set_message(link, std::move(bytes), false)) return;
  made->set_progress(Direction::to_server, 1);
  made->set_progress(Direction::to_client, 1);
  raise(host_.add(std::move(made)), Event::too_long_reassembly, d);
}

void Dnp3Parser::message(Direction d, const LinkHeader& link, std::string bytes) {
  if (is_flooded(d)) return;
  auto made = std::make_unique<Dnp3Transaction>(proto_, host_.next_transaction_id(), d);
  if (!made->set_message(link, std::move(bytes))) return;
  if (made->function() == kConfirm) return;
  made->set_progress(Direction::to_server, 1);
  made->set_progress(Direction::to_client, 1);
  auto* tx = static_cast<Dnp3Transaction*>(host_.add(std::move(made)));
  if (d == Direction::to_client)
    unreplied_ = 0;
  else if (++unreplied_ > kFloodLimit)
    raise(tx, Event::flooded, d);
  switch (tx->fault()) {
    case Fault::none:
    case Fault::incomplete:
      break;
    case Fault::unknown_object:
      return raise(tx, Event::unknown_object, d);
    case Fault::too_many_points:
      return raise(tx, Event::too_many_points, d);
    case Fault::too_many_objects:
      return raise(tx, Event::too_many_objects, d);
  }
}

Probe probe(Direction, Bytes data, bool) {
  Reader in(data);
  if (data.size() < 2) return data.empty() || in.u8() == kStart >> 8 ? Probe::maybe : Probe::no;
  if (in.u16() != kStart) return Probe::no;
  if (data.size() < LinkHeader::kSize) return Probe::maybe;
  return header_crc_ok(data) && read_header(data).length >= 5 ? Probe::yes : Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<Dnp3Parser>(host, proto);
}

constexpr NamedValue kFunctions[] = {{"confirm", 0},
                                     {"read", 1},
                                     {"write", 2},
                                     {"select", 3},
                                     {"operate", 4},
                                     {"direct_operate", 5},
                                     {"direct_operate_nr", 6},
                                     {"immed_freeze", 7},
                                     {"immed_freeze_nr", 8},
                                     {"freeze_clear", 9},
                                     {"freeze_clear_nr", 10},
                                     {"freeze_at_time", 11},
                                     {"freeze_at_time_nr", 12},
                                     {"cold_restart", 13},
                                     {"warm_restart", 14},
                                     {"initialize_data", 15},
                                     {"initialize_appl", 16},
                                     {"start_appl", 17},
                                     {"stop_appl", 18},
                                     {"save_config", 19},
                                     {"enable_unsolicited", 20},
                                     {"disable_unsolicited", 21},
                                     {"assign_class", 22},
                                     {"delay_measure", 23},
                                     {"delay_measurement", 23},
                                     {"record_current_time", 24},
                                     {"open_file", 25},
                                     {"close_file", 26},
                                     {"delete_file", 27},
                                     {"get_file_info", 28},
                                     {"authenticate_file", 29},
                                     {"abort_file", 30},
                                     {"activate_config", 31},
                                     {"authenticate_req", 32},
                                     {"authenticate_err", 33},
                                     {"response", 129},
                                     {"unsolicited_response", 130},
                                     {"authenticate_resp", 131}};

constexpr BufferSpec kBuffers[] = {
    {.name = "dnp3_data", .ready = {1, 1}, .aliases = {"dnp3.data"}},
};

std::span<const IntegerSpec> integers() {
  static const IntegerSpec list[] = {
      {.name = "dnp3_func", .ready = {1, 1}, .bits = 8, .names = kFunctions},
      {.name = "dnp3.indications",
       .sides = Sides::to_client,
       .ready = {1, 1},
       .bits = 16,
       .names = indication_names()},
      {.name = "dnp3.object", .ready = {1, 1}, .bits = 16, .multi = true},
  };
  return list;
}

constexpr std::string_view kEvents[] = {
    "flooded",        "len_too_small",       "bad_link_crc",    "bad_transport_crc",
    "unknown_object", "too_long_reassembly", "too_many_points", "too_many_objects"};

}  // namespace

const ProtocolSpec kSpec{.name = "dnp3",
                         .rule_names = {"dnp3"},
                         .transport = TransportMask::both,
                         .complete = {1, 1},
                         .buffers = kBuffers,
                         .integers = integers(),
                         .event_prefix = "dnp3",
                         .events = kEvents};

}  // namespace dnp3

const Protocol kDnp3{&dnp3::kSpec, dnp3::probe, dnp3::kPorts, dnp3::make};

}  // namespace chieng::collector
