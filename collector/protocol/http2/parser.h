// One connection of HTTP/2 (RFC 9113) over clear text.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "collector/protocol/http2/transaction.h"
#include "collector/protocol/http2/upgrade.h"
#include "collector/protocol/parser.h"

namespace chieng::collector::http2 {

// Belongs to one flow. Held back between calls: an unfinished frame of at most kMostFrame bytes (a
// DATA frame goes on as it arrives) and kMostBlock bytes of headers that continue, a direction. At
// most as many open streams as three quarters of the transactions that a flow may have, and
// kMostHeaderBytes of headers of all of them: HPACK makes much of little.
class Http2Parser final : public Parser {
 public:
  static constexpr std::size_t kMostFrame = 65'535, kMostBlock = 102'400, kMostDns = 65'535;
  static constexpr std::size_t kMostHeaderBytes = std::size_t{8} << 20;

  Http2Parser(ParserHost& host, AppProto proto, std::unique_ptr<Upgrade> upgrade = nullptr)
      : host_(host), proto_(proto), upgrade_(std::move(upgrade)) {}

  void data(Direction d, Bytes data) override;
  void gap(Direction d, std::uint64_t bytes) override;
  void end(Direction d) override;

 private:
  struct Block {  // headers whose end has not come
    std::uint32_t stream = 0;
    bool open = false, end_stream = false, too_long = false;
    std::vector<std::byte> bytes;
  };
  struct Side {
    std::vector<std::byte> held;
    std::uint64_t at = 0;  // position in the stream of the next byte that is read
    bool preface_due = false, after_loss = false;
    FrameHeader frame;            // that data_left or skip_left is the rest of
    std::uint64_t data_left = 0;  // of a DATA frame, without padding
    std::uint64_t skip_left = 0;  // padding, or a frame too long to be held
    bool in_data = false;
    HeaderDecoder headers;
    Block block;
    bool started = false;
  };

  struct Closed {
    std::uint32_t stream = 0;
    std::uint64_t id = 0;
    AppProto proto;
    std::size_t header_bytes = 0;
  };
  static constexpr std::size_t kMostClosed = 32;

  Side& side(Direction d) { return sides_[index(d)]; }
  void start_side(Direction d);
  void begin();
  std::size_t step(Direction d, Bytes in);  // bytes used; 0: more are needed
  std::size_t preface(Direction d, Bytes in);
  std::size_t frame(Direction d, Bytes in);
  void name_frame(Direction d, const FrameHeader& header);
  std::size_t begin_data(Direction d, const FrameHeader& header, Bytes in);
  std::size_t run_data(Direction d, Bytes in);
  std::size_t skip(Direction d, Bytes in);
  std::size_t resume(Direction d, Bytes in);
  void whole_frame(Direction d, const FrameHeader& header, Bytes payload);
  void header_frame(Direction d, const FrameHeader& header, Bytes payload);
  void add_to_block(Direction d, Http2Transaction& tx, const FrameHeader& header, Bytes part);
  void block_done(Direction d, Http2Transaction& tx, Block& block);
  void small_frame(Direction d, Http2Transaction& tx, const FrameHeader& header, Bytes payload);
  void open_body(Direction d, Http2Transaction& tx);
  void body_data(Direction d, Http2Transaction& tx, Bytes data);
  void check_request(Http2Transaction& tx);
  void look_for_dns(Http2Transaction& tx, Direction d);
  void dns_done(Http2Transaction& tx, Direction d);
  void take_dns(Http2Transaction& tx, Direction d, Bytes message);
  void from_upgrade();

  // The stream's transaction; of stream 0 always a new one. The reference is good for this call.
  Http2Transaction& transaction(std::uint32_t stream, const FrameHeader& header, Direction d);
  Http2Transaction& create(std::uint32_t stream);
  void make_room();
  void record(Direction d, Http2Transaction& tx, std::uint8_t type);
  void side_ended(Direction d, Http2Transaction& tx);
  void finish_body(Direction d, Http2Transaction& tx, FileView::State state);
  void close(Http2Transaction& tx);
  void forget_closed(bool all = false);
  void event(Transaction* tx, Event e, Direction d);

  ParserHost& host_;
  AppProto proto_;
  std::unique_ptr<Upgrade> upgrade_;
  bool begun_ = false;
  std::size_t header_bytes_ = 0;  // of the streams that are known
  std::array<Side, 2> sides_;
  std::unordered_map<std::uint32_t, Http2Transaction*> streams_;
  std::vector<Closed> closed_;  // their transactions were there after the last call
};

}  // namespace chieng::collector::http2
