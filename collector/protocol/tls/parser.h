// Reads TLS records and handshake messages (RFC 5246, RFC 8446).
#pragma once

#include <array>
#include <string>
#include <vector>

#include "collector/protocol/parser.h"
#include "collector/protocol/tls/transaction.h"
#include "core/bytes/reader.h"

namespace chieng::collector::tls {

// Keeps, each direction, at most one handshake message (kMaxMessage) and one record of another kind
// that is looked at (kMaxRecord); the bytes of application data are stepped over.
class TlsParser final : public Parser {
 public:
  static constexpr std::size_t kMaxMessage = 256 * 1024;
  static constexpr std::size_t kMaxRecord = 16 * 1024 + 2048;

  TlsParser(ParserHost& host, AppProto proto);
  void data(Direction d, Bytes data) override;
  void gap(Direction d, std::uint64_t bytes) override;
  void end(Direction d) override;

 private:
  struct Side {
    std::array<std::byte, 5> header{};
    std::size_t header_bytes = 0;
    std::size_t left = 0;     // of the current record
    std::uint64_t start = 0;  // of the current record in the stream
    std::uint8_t type = 0;
    bool in_record = false;
    bool started = false;              // a record header was read
    bool encrypted = false;            // after ChangeCipherSpec or application data
    bool finished = false;             // nothing more of interest
    std::vector<std::byte> body;       // of a record that is looked at
    std::vector<std::byte> handshake;  // messages that are not whole yet
  };
  bool begin_record(Direction d, Side& side);
  bool begin_old_hello(Side& side);
  void name_frames(Direction d, const Side& side, std::uint16_t length);
  void end_record(Direction d, Side& side);
  void handshake(Direction d, Side& side);
  void message(Direction d, std::uint8_t type, Bytes body);
  void hello(Direction d, std::uint8_t type, Bytes body);
  void certificates(Direction d, Bytes body);
  void alert(Direction d, Bytes body);
  void heartbeat(Direction d, Bytes body);
  void encrypted(Direction d, bool application_data);
  void broken(Direction d, Event e);
  void stop(Direction d);
  void event(Event e, Direction d) { host_.event(tx_, static_cast<std::uint16_t>(e), d); }
  void reach(Direction d, Progress p);

  ParserHost& host_;
  TlsTransaction* tx_;  // null once both sides are complete: it is no longer ours
  std::array<Side, 2> sides_;
};

}  // namespace chieng::collector::tls
