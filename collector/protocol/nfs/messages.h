// Messages out of a TCP stream with record marking (RFC 5531 section 11), and out of datagrams.
#pragma once

#include <array>
#include <string>

#include "collector/protocol/nfs/session.h"

namespace chieng::collector::nfs {

// Holds at most kMostHead bytes of a message a direction; file data go on as they come. Besides,
// what Session holds.
class MessageParser final : public Parser {
 public:
  static constexpr std::size_t kMostHead = 64 * 1024;
  static constexpr std::uint64_t kMostRecord = std::uint64_t{16} << 20;

  MessageParser(ParserHost& host, AppProto proto);
  void data(Direction d, Bytes data) override;
  void gap(Direction d, std::uint64_t bytes) override;
  void end(Direction d) override { session_.end(d); }

 private:
  enum class Stage : std::uint8_t { looking, collecting, bulk, rest };
  struct Side {
    // of the stream
    std::uint32_t mark = 0;
    unsigned mark_bytes = 0;
    std::uint64_t left = 0;  // of the record's present part
    bool in_part = false, last_part = false, lost = false;
    // of the message
    std::string head;
    std::size_t next_look = 0;
    std::uint64_t bulk_left = 0;
    Stage stage = Stage::looking;
    Place place;
    unsigned parts = 0;
  };

  std::size_t take(Direction d, Side& side, Bytes in, std::uint64_t at);
  void take_mark(Direction d, Side& side, std::uint8_t byte, std::uint64_t at);
  void feed(Direction d, Side& side, Bytes bytes);
  void look(Direction d, Side& side, bool whole);
  void part_done(Direction d, Side& side);
  void message_done(Direction d, Side& side);

  ParserHost& host_;
  Session session_;
  bool datagrams_;
  std::array<Side, 2> sides_;
};

}  // namespace chieng::collector::nfs
