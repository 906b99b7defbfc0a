// NetBIOS session records (RFC 1002 section 4.3) and the SMB messages inside, out of a TCP stream.
#pragma once

#include <vector>

#include "collector/protocol/smb/smb1.h"
#include "collector/protocol/smb/smb2.h"

namespace chieng::collector::smb {

// Holds at most kMostMessage bytes and a segment a direction: longer messages are cut off, but for
// file data, which are passed on as they come. Besides, what Session holds.
class StreamParser final : public Parser {
 public:
  static constexpr std::size_t kMostMessage = 128 * 1024;

  StreamParser(ParserHost& host, AppProto proto)
      : host_(host), session_(host, proto), messages1_(session_), messages2_(session_) {}
  void data(Direction d, Bytes data) override;
  void gap(Direction d, std::uint64_t bytes) override;
  void end(Direction d) override { session_.end(d); }

 private:
  struct Side {
    std::vector<std::byte> held;  // from the beginning of the next record or message
    std::uint64_t record = 0;     // bytes left of the record, from held's beginning on
    std::uint64_t skip = 0;       // bytes that nobody wants
    Chunk chunk;                  // file data that are coming: its length counts down
    std::uint64_t at = 0;         // of the present take() in the stream
    std::uint64_t framed = 0;     // where the last message with frames ends
    bool lost = false;            // where the next record begins is not known
  };
  // How much of the bytes was taken; 0: more are needed.
  std::size_t take(Direction d, Side& side, Bytes in);
  std::size_t take_record(Direction d, Side& side, Bytes in);
  std::size_t take_message(Direction d, Side& side, Bytes in);
  std::size_t begin_chunk(Side& side, const Chunk& chunk, std::uint64_t size, Bytes in);
  void frames(Direction d, const Side& side, Frame first, std::uint64_t header, std::uint64_t size);
  void message_frames(Direction d, Side& side, std::uint32_t mark, std::uint64_t size);
  std::size_t find_record(Side& side, Bytes in) const;

  ParserHost& host_;
  Session session_;
  Messages1 messages1_;
  Messages2 messages2_;
  std::array<Side, 2> sides_;
};

}  // namespace chieng::collector::smb
