#include "collector/protocol/s7comm/s7comm.h"

#include <fmt/format.h>

#include "collector/protocol/stream_buffer.h"
#include "core/bytes/reader.h"

namespace chieng::collector {
namespace s7comm {
namespace {

constexpr std::uint16_t kPorts[] = {102};
constexpr std::size_t kTpkt = 4;  // version 3, reserved, length
constexpr std::size_t kMostPacket = 8192;
constexpr std::uint8_t kConnect = 0xe0, kData = 0xf0, kS7 = 0x32, kS7Plus = 0x72;

// What opened the connection and the first job on it.
struct Hello {
  std::uint16_t source_tsap = 0, target_tsap = 0;
  bool plus = false;
  std::uint8_t kind = 0, function = 0;
};

class HelloTransaction final : public Transaction {
 public:
  using Transaction::Transaction;
  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned, Direction,
                                                  std::uint32_t) const override {
    return std::nullopt;
  }
  void complete() {
    set_progress(Direction::to_server, 1);
    set_progress(Direction::to_client, 1);
  }
  void write(JsonWriter& out) const override {
    out.key("s7comm").begin_object();
    out.field("source_tsap", fmt::format("{:04x}", hello.source_tsap));
    out.field("target_tsap", fmt::format("{:04x}", hello.target_tsap));
    out.field("plus", hello.plus);
    if (!hello.plus) out.field("rosctr", hello.kind).field("function", hello.function);
    out.end_object();
  }
  Hello hello;
};

// Reads up to the client's first job, then stops. Keeps a packet (kMostPacket) a direction.
class S7Parser final : public Parser {
 public:
  S7Parser(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {}

  void data(Direction d, Bytes data) override;
  void gap(Direction, std::uint64_t) override { finish(); }
  void end(Direction) override { finish(); }

 private:
  void packet(Reader in);
  void connect(Reader in);
  void finish() {
    over_ = true;
    host_.stop(Direction::to_server);
    host_.stop(Direction::to_client);
  }

  ParserHost& host_;
  AppProto proto_;
  StreamBuffer held_;
  Hello hello_;
  bool over_ = false;
};

void S7Parser::data(Direction d, Bytes data) {
  if (d == Direction::to_client || over_) return;
  const Bytes in = held_.join(data);
  std::size_t used = 0;
  while (!over_ && in.size() - used >= kTpkt) {
    Reader header(in.subspan(used));
    const std::uint8_t version = header.u8();
    header.skip(1);
    const std::size_t size = header.u16();
    if (version != 3 || size < kTpkt + 3 || size > kMostPacket) return finish();
    if (in.size() - used < size) break;
    packet(Reader(in.subspan(used + kTpkt, size - kTpkt)));
    used += size;
  }
  if (!over_) held_.keep(in, used);
}

// Parameters of the connect request: c1 the caller's, c2 the called one's TSAP.
void S7Parser::connect(Reader in) {
  in.skip(5);
  while (!in.at_end()) {
    const std::uint8_t code = in.u8();
    Reader value = in.sub(in.u8());
    if (!in.ok()) return;
    if (code == 0xc1) hello_.source_tsap = value.u16();
    if (code == 0xc2) hello_.target_tsap = value.u16();
  }
}

void S7Parser::packet(Reader in) {
  Reader cotp = in.sub(in.u8());
  const std::uint8_t type = cotp.u8();
  if (!in.ok()) return finish();
  if ((type & 0xf0) == kConnect) return connect(cotp);
  if ((type & 0xf0) != kData || in.at_end()) return;
  const std::uint8_t protocol = in.u8();
  if (protocol == kS7) {
    hello_.kind = in.u8();
    in.skip(4);
    const std::uint16_t parameters = in.u16();
    in.skip(hello_.kind == 2 || hello_.kind == 3 ? 4 : 2);
    if (parameters > 0) hello_.function = in.u8();
  } else if (protocol == kS7Plus) {
    hello_.plus = true;
  }
  if (in.ok() && (protocol == kS7 || protocol == kS7Plus)) {
    auto tx = std::make_unique<HelloTransaction>(proto_, host_.next_transaction_id());
    tx->hello = hello_;
    tx->complete();
    host_.add(std::move(tx));
  }
  finish();
}

// TPKT with a connect request (or its answer), on the port of the ISO transport.
Probe probe(Direction d, Bytes data, bool port_hint) {
  if (!port_hint) return Probe::no;
  Reader in(data);
  const std::uint8_t version = in.u8(), reserved = in.u8();
  const std::uint16_t size = in.u16();
  const std::uint8_t cotp = in.u8(), type = in.u8();
  if (!in.ok()) return data.empty() || version == 3 ? Probe::maybe : Probe::no;
  const unsigned expected = d == Direction::to_server ? kConnect : 0xd0u;
  return version == 3 && reserved == 0 && size >= 7 && cotp >= 2 &&
                 ((type & 0xf0u) == expected || (type & 0xf0u) == kData)
             ? Probe::yes
             : Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<S7Parser>(host, proto);
}

const ProtocolSpec kSpec{.name = "s7comm", .rule_names = {"s7comm"}, .complete = {1, 1}};

}  // namespace
}  // namespace s7comm

const Protocol kS7comm{&s7comm::kSpec, s7comm::probe, s7comm::kPorts, s7comm::make};

}  // namespace chieng::collector
