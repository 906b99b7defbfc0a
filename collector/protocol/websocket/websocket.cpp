#include "collector/protocol/websocket/websocket.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "collector/protocol/websocket/inflate.h"
#include "collector/protocol/websocket/transaction.h"
#include "core/bytes/reader.h"

namespace chieng::collector {
namespace websocket {
namespace {

struct FrameHeader {
  std::uint8_t flags = 0, opcode = 0;
  std::optional<std::uint32_t> mask;
  std::uint64_t length = 0;
  std::size_t size = 0;  // of the header
};

// RFC 6455 5.2. Nothing where more is needed.
std::optional<FrameHeader> read_header(Bytes data) {
  Reader in(data);
  FrameHeader out;
  const std::uint8_t first = in.u8(), second = in.u8();
  out.flags = first & 0xf0;
  out.opcode = first & 0x0f;
  out.length = second & 0x7f;
  if (out.length == 126)
    out.length = in.u16();
  else if (out.length == 127)
    out.length = in.u64();
  if ((second & 0x80) != 0) out.mask = in.u32();
  out.size = in.position();
  return in.ok() ? std::optional(out) : std::nullopt;
}

// Frames in, transactions out: each frame is one, and the last of a message in pieces holds the
// whole message. Held a direction: at most kMostPayload bytes of a frame (the rest of a longer one
// is skipped), as many of a message in pieces, and a decompressor.
class WebsocketParser final : public Parser {
 public:
  static constexpr std::size_t kMostPayload = 65'535;

  WebsocketParser(ParserHost& host, AppProto proto, std::string_view extensions)
      : host_(host), proto_(proto) {
    if (extensions.find("permessage-deflate") == std::string_view::npos) return;
    const auto keeps = [&](std::string_view no_keep) {
      return extensions.find(no_keep) == std::string_view::npos;
    };
    sides_[0].inflater = std::make_unique<MessageInflater>(keeps("client_no_context_takeover"));
    sides_[1].inflater = std::make_unique<MessageInflater>(keeps("server_no_context_takeover"));
  }

  void data(Direction d, Bytes data) override;
  void gap(Direction d, std::uint64_t bytes) override;
  void end(Direction) override {}

 private:
  struct Side {
    std::vector<std::byte> held;
    std::uint64_t at = 0;  // position in the stream of the next byte that is read
    std::uint64_t skip = 0;
    std::string message;  // of the frames before the last
    bool compressed = false, message_cut = false, lost = false;
    std::unique_ptr<MessageInflater> inflater;
  };

  std::size_t step(Direction d, Bytes in);  // bytes used; 0: more are needed
  void frame(Direction d, const FrameHeader& header, Bytes payload, bool whole);
  void finish_message(Side& side, WebsocketTransaction& tx, Direction d);

  ParserHost& host_;
  AppProto proto_;
  std::array<Side, 2> sides_;
};

void WebsocketParser::data(Direction d, Bytes data) {
  Side& s = sides_[index(d)];
  if (s.lost) return;
  Bytes in = data;
  const bool from_held = !s.held.empty();
  s.at = host_.position(d) - s.held.size();
  if (from_held) {
    s.held.insert(s.held.end(), data.begin(), data.end());
    in = s.held;
  }
  while (!in.empty()) {
    const std::size_t used = step(d, in);
    if (used == 0) break;
    s.at += used;
    in = in.subspan(used);
  }
  if (from_held)
    s.held.erase(s.held.begin(), s.held.end() - static_cast<std::ptrdiff_t>(in.size()));
  else
    s.held.assign(in.begin(), in.end());
}

std::size_t WebsocketParser::step(Direction d, Bytes in) {
  Side& s = sides_[index(d)];
  if (s.skip > 0) {
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(s.skip, in.size()));
    s.skip -= n;
    return n;
  }
  const auto header = read_header(in);
  if (!header) return 0;
  const auto kept = static_cast<std::size_t>(std::min<std::uint64_t>(header->length, kMostPayload));
  if (in.size() - header->size < kept) return 0;
  s.skip = header->length - kept;
  frame(d, *header, in.subspan(header->size, kept), s.skip == 0);
  return header->size + kept;
}

void WebsocketParser::frame(Direction d, const FrameHeader& header, Bytes payload, bool whole) {
  Side& s = sides_[index(d)];
  auto made = std::make_unique<WebsocketTransaction>(proto_, host_.next_transaction_id(), d);
  WebsocketTransaction& tx = *made;
  tx.flags = header.flags;
  tx.opcode = header.opcode;
  tx.mask = header.mask;
  tx.payload = as_text(payload);
  if (header.mask)
    for (std::size_t i = 0; i < tx.payload.size(); ++i)
      tx.payload[i] = static_cast<char>(static_cast<unsigned char>(tx.payload[i]) ^
                                        (*header.mask >> (24 - 8 * (i % 4)) & 0xff));
  host_.add(std::move(made));
  const auto name = [&](FrameRange range, std::uint64_t from, std::uint64_t length) {
    host_.frame(d, static_cast<std::uint8_t>(range), s.at + from, length, &tx);
  };
  name(FrameRange::header, 0, header.size);
  name(FrameRange::pdu, 0, header.size + header.length);
  if (header.length > 0) name(FrameRange::data, header.size, header.length);
  if (!whole) host_.event(&tx, static_cast<std::uint16_t>(Event::skip_end_of_payload), d);
  const bool control = (header.opcode & 0x8) != 0;
  const bool fin = (header.flags & kFin) != 0;
  if (!control) {
    if (header.opcode != 0) {  // a new message
      s.message.clear();
      s.message_cut = false;
      s.compressed = (header.flags & kCompressed) != 0;
    }
    s.message_cut |= !whole;
    if (fin)
      finish_message(s, tx, d);
    else if (s.message.size() + tx.payload.size() <= kMostPayload)
      s.message += tx.payload;
    else if (!std::exchange(s.message_cut, true))
      host_.event(&tx, static_cast<std::uint16_t>(Event::reassembly_limit_reached), d);
  }
  host_.inspect_raw(d);
}

void WebsocketParser::finish_message(Side& s, WebsocketTransaction& tx, Direction d) {
  if (!s.message.empty()) {
    const std::size_t room = kMostPayload - s.message.size();
    if (tx.payload.size() > room && !std::exchange(s.message_cut, true))
      host_.event(&tx, static_cast<std::uint16_t>(Event::reassembly_limit_reached), d);
    tx.payload = s.message.append(tx.payload, 0, room);
    s.message.clear();
  }
  if (!std::exchange(s.compressed, false) || !s.inflater) return;
  std::string plain;
  const bool good = s.inflater->inflate(as_bytes(tx.payload), kMostPayload, plain);
  if (good || !plain.empty()) tx.payload = std::move(plain);
}

// Where frames begin is not known any more, but for a loss inside of what is skipped anyway.
void WebsocketParser::gap(Direction d, std::uint64_t bytes) {
  Side& s = sides_[index(d)];
  const std::uint64_t n = std::min(bytes, s.skip);
  s.skip -= n;
  if (n == bytes) return;
  s.lost = true;
  s.held = {};
  host_.stop(d);
}

Probe probe(Direction, Bytes, bool) {
  return Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<WebsocketParser>(host, proto, "");
}

}  // namespace

std::unique_ptr<Parser> make_after_upgrade(ParserHost& host, AppProto proto,
                                           std::string_view extensions) {
  return std::make_unique<WebsocketParser>(host, proto, extensions);
}

}  // namespace websocket

const Protocol kWebsocket{&websocket::kSpec, websocket::probe, {}, websocket::make};

}  // namespace chieng::collector
