#include "collector/protocol/quic/parser.h"

#include "collector/protocol/quic/frames.h"
#include "core/bytes/reader.h"

namespace chieng::collector::quic {

void QuicParser::data(Direction d, Bytes data) {
  Side& side = sides_[index(d)];
  while (!data.empty() && !side.hello) {
    const std::optional<Header> header = parse_header(data);
    if (!header) return;
    if (++side.packets > kMaxPackets) {
      host_.stop(d);
      return;
    }
    const std::size_t size = header->size + header->length;
    if (!packet(d, *header, data.first(size))) return;
    data = data.subspan(size);
  }
  // A retry may still come between the client's hello and the server's.
  if (!sides_[index(Direction::to_client)].hello) return;
  host_.stop(Direction::to_server);
  host_.stop(Direction::to_client);
}

// False: what follows in the datagram cannot be read.
bool QuicParser::packet(Direction d, const Header& header, Bytes bytes) {
  auto& tx = static_cast<QuicTransaction&>(*host_.add(
      std::make_unique<QuicTransaction>(proto_, host_.next_transaction_id(), d, header.version)));
  switch (header.kind) {
    case Kind::initial:
      return initial(d, header, bytes, tx);
    case Kind::google:
      take(d, header, bytes.subspan(header.size), true, tx);
      return true;
    case Kind::retry:
      if (d == Direction::to_client) retry();
      return false;
    case Kind::zero_rtt:
    case Kind::handshake:
    case Kind::negotiation:
      break;
  }
  return true;
}

bool QuicParser::decrypt(Direction d, const Header& header, Bytes bytes) {
  if (keys_ && keys_->open(d, bytes, header.size, frames_)) return true;
  if (d != Direction::to_server) return false;
  // The first packet, or a connection that began anew with another id.
  const InitialKeys fresh(header.version, header.destination);
  if (!fresh.open(d, bytes, header.size, frames_)) return false;
  keys_ = fresh;
  return true;
}

bool QuicParser::initial(Direction d, const Header& header, Bytes bytes, QuicTransaction& tx) {
  if (!decrypt(d, header, bytes)) {
    // Without the client's first packet, or of a version with other keys, there is nothing to tell.
    if ((keys_ || d == Direction::to_server) && is_known(header.version))
      event(tx, Event::failed_decrypt, d);
    return false;
  }
  take(d, header, as_bytes(frames_), false, tx);
  return true;
}

void QuicParser::take(Direction d, const Header& header, Bytes frames, bool google,
                      QuicTransaction& tx) {
  const auto pieces = google ? stream_frames(frames) : crypto_frames(frames);
  if (!pieces) {
    event(tx, Event::error_on_data, d);
    return;
  }
  for (const Piece& piece : *pieces)
    if (!sides_[index(d)].stream.add(piece.offset, piece.data))
      event(tx, Event::crypto_frag_too_long, d);
  if (!pieces->empty()) read_hello(d, header.version, tx);
}

void QuicParser::read_hello(Direction d, std::uint32_t version, QuicTransaction& tx) {
  Side& side = sides_[index(d)];
  const Bytes start = side.stream.start();
  if (is_google(version)) {
    if (const auto hello = parse_google_hello(start); hello && d == Direction::to_server) {
      tx.set_google_hello(*hello);
      side.hello = true;
      side.stream = {};
      return;
    }
  }
  constexpr std::uint8_t kClientHello = 1, kServerHello = 2;
  Reader in(start);
  const std::uint8_t type = in.u8();
  const Bytes body = in.take(in.u24());
  if (!in.ok() || type != (d == Direction::to_server ? kClientHello : kServerHello)) return;
  auto hello = type == kClientHello ? tls::parse_client_hello(body) : tls::parse_server_hello(body);
  if (!hello) return;
  tx.set_hello(std::move(*hello));
  side.hello = true;
  side.stream = {};
}

// RFC 9000 section 17.2.5: the client says its hello again, to an id that the server chose.
void QuicParser::retry() {
  keys_.reset();
  sides_[index(Direction::to_server)] = {};
}

}  // namespace chieng::collector::quic
