// Reads the packets of a QUIC connection up to both hellos.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "collector/protocol/parser.h"
#include "collector/protocol/quic/crypto_stream.h"
#include "collector/protocol/quic/initial_keys.h"
#include "collector/protocol/quic/transaction.h"

namespace chieng::collector::quic {

// Keeps, each direction, the handshake's bytes (CryptoStream's bound). Reads kMaxPackets a side at
// most: a peer that never says hello costs nothing for long.
class QuicParser final : public Parser {
 public:
  static constexpr unsigned kMaxPackets = 256;

  QuicParser(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {}
  void data(Direction d, Bytes data) override;
  void gap(Direction, std::uint64_t) override {}
  void end(Direction) override {}

 private:
  struct Side {
    CryptoStream stream;
    bool hello = false;  // known: what follows is encrypted with other keys
    unsigned packets = 0;
  };
  bool packet(Direction d, const Header& header, Bytes bytes);
  bool initial(Direction d, const Header& header, Bytes bytes, QuicTransaction& tx);
  bool decrypt(Direction d, const Header& header, Bytes bytes);
  void take(Direction d, const Header& header, Bytes frames, bool google, QuicTransaction& tx);
  void read_hello(Direction d, std::uint32_t version, QuicTransaction& tx);
  void retry();
  void event(QuicTransaction& tx, Event e, Direction d) {
    host_.event(&tx, static_cast<std::uint16_t>(e), d);
  }

  ParserHost& host_;
  AppProto proto_;
  std::optional<InitialKeys> keys_;
  std::array<Side, 2> sides_;
  std::string frames_;  // of the packet being read, without its protection
};

}  // namespace chieng::collector::quic
