#include "collector/protocol/websocket/websocket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "collector/protocol/websocket/inflate.h"
#include "collector/protocol/websocket/transaction.h"
#include "tests/unit/collector/protocol/http2/frames2.h"

namespace chieng::collector {
namespace {

using namespace test;
using testing::Contains;
using testing::ElementsAre;

std::string ws_frame(unsigned first, const std::string& payload, const std::string& mask = "") {
  std::string out(1, static_cast<char>(first));
  const unsigned bit = mask.empty() ? 0 : 0x80;
  if (payload.size() < 126) {
    out += static_cast<char>(bit | payload.size());
  } else {
    out += static_cast<char>(bit | 126);
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size() & 0xff);
  }
  out += mask;
  for (std::size_t i = 0; i < payload.size(); ++i)
    out += static_cast<char>(payload[i] ^ (mask.empty() ? 0 : mask[i % 4]));
  return out;
}

// Keeps what rules would see of each message.
class WsRecorder final : public ParserHost, private FlowView {
 public:
  explicit WsRecorder(std::string_view extensions = "")
      : parser_(websocket::make_after_upgrade(*this, AppProto{2}, extensions)) {}

  WsRecorder& server(const std::string& data, std::size_t size = 4096) {
    for (std::size_t at = 0; at < data.size(); at += size)
      parser_->data(Direction::to_client, as_bytes(std::string_view(data).substr(at, size)));
    return *this;
  }
  WsRecorder& client(const std::string& data) {
    parser_->data(Direction::to_server, as_bytes(data));
    return *this;
  }
  void lose(std::uint64_t count) { parser_->gap(Direction::to_client, count); }
  [[nodiscard]] std::vector<std::string> payloads() const {
    std::vector<std::string> out;
    for (const auto& tx : owned_) {
      const auto slice = tx->buffer(0, tx->event_direction(), 0);
      out.emplace_back(slice ? as_text(slice->data) : "(none)");
    }
    return out;
  }
  [[nodiscard]] const Transaction& tx(std::size_t i) const { return *owned_.at(i); }
  [[nodiscard]] std::uint64_t integer(std::size_t i, unsigned local) const {
    return tx(i).integer(local, tx(i).event_direction(), 0).value_or(~std::uint64_t{0});
  }
  bool stopped = false;

  [[nodiscard]] const SensorSettings& settings() const override { return settings_; }
  [[nodiscard]] const FlowView& flow() const override { return *this; }
  [[nodiscard]] const PacketView* packet() const override { return nullptr; }
  [[nodiscard]] std::uint64_t next_transaction_id() override { return owned_.size(); }
  Transaction* add(std::unique_ptr<Transaction> tx) override {
    owned_.push_back(std::move(tx));
    return owned_.back().get();
  }
  void event(Transaction* tx, std::uint16_t number, Direction d) override {
    tx->add_event(number, d);
  }
  void inspect_raw(Direction) override {}
  void hide_payload(Direction) override {}
  void stop(Direction) override { stopped = true; }
  void change_protocol() override {}
  void file(const Transaction*, const FileView&) override {}

 private:
  [[nodiscard]] std::span<Transaction* const> transactions() const override { return {}; }
  SensorSettings settings_;
  std::vector<std::unique_ptr<Transaction>> owned_;
  std::unique_ptr<Parser> parser_;
};

// Several messages of one window, as RFC 7692 7.2.1 takes their ends off.
std::vector<std::string> deflated(const std::vector<std::string>& messages) {
  z_stream z{};
  EXPECT_EQ(deflateInit2(&z, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::vector<std::string> out;
  for (const std::string& m : messages) {
    std::string to(m.size() + 64, '\0');
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(m.data()));
    z.avail_in = static_cast<uInt>(m.size());
    z.next_out = reinterpret_cast<Bytef*>(to.data());
    z.avail_out = static_cast<uInt>(to.size());
    EXPECT_EQ(deflate(&z, Z_SYNC_FLUSH), Z_OK);
    to.resize(to.size() - z.avail_out - 4);
    out.push_back(to);
  }
  deflateEnd(&z);
  return out;
}

TEST(Websocket, FramesAreMessagesOfTheirOwn) {
  for (const std::size_t size : {1u, 2u, 3u, 4096u}) {
    WsRecorder r;
    r.server(ws_frame(0x81, "hello") + ws_frame(0x89, "") + ws_frame(0x82, std::string(300, 'b')),
             size);
    EXPECT_THAT(r.payloads(), ElementsAre("hello", "", std::string(300, 'b')));
    EXPECT_EQ(r.integer(0, 0), 1u);
    EXPECT_EQ(r.integer(1, 0), 9u);
    EXPECT_EQ(r.integer(0, 2), 0x80u);
  }
}

TEST(Websocket, MasksAreTakenOff) {
  WsRecorder r;
  r.client(ws_frame(0x81, "version", "\x01\x02\x03\x04"));
  EXPECT_THAT(r.payloads(), ElementsAre("version"));
  EXPECT_EQ(r.integer(0, 1), 0x01020304u);
}

TEST(Websocket, TheLastFrameHasTheWholeMessage) {
  WsRecorder r;
  r.server(ws_frame(0x01, "ab") + ws_frame(0x89, "ping") + ws_frame(0x00, "cd") +
           ws_frame(0x80, "ef") + ws_frame(0x81, "next"));
  EXPECT_THAT(r.payloads(), ElementsAre("ab", "ping", "cd", "abcdef", "next"));
}

TEST(Websocket, MessagesShareTheWindowWhereThatWasAgreedOn) {
  const auto parts = deflated({"the same text, the same text", "the same text, the same text"});
  WsRecorder r("permessage-deflate");
  r.server(ws_frame(0xc1, parts[0]) + ws_frame(0xc1, parts[1]));
  EXPECT_THAT(r.payloads(),
              ElementsAre("the same text, the same text", "the same text, the same text"));
  const auto alone = deflated({"once"});
  WsRecorder each("permessage-deflate; server_no_context_takeover");
  each.server(ws_frame(0xc1, alone[0]) + ws_frame(0xc1, alone[0]));
  EXPECT_THAT(each.payloads(), ElementsAre("once", "once"));
}

TEST(Websocket, WhatIsNoDeflateStreamStaysAsItIs) {
  WsRecorder r("permessage-deflate");
  r.server(ws_frame(0xc1, "\xff\xff\xff\xff junk"));
  EXPECT_THAT(r.payloads(), ElementsAre("\xff\xff\xff\xff junk"));
}

TEST(Websocket, WhatGrowsWithoutEndIsCut) {
  const auto parts = deflated({std::string(1 << 20, 'a')});
  std::string out;
  websocket::MessageInflater inflater(true);
  EXPECT_FALSE(inflater.inflate(as_bytes(parts[0]), 65'535, out));
  EXPECT_LE(out.size(), 65'535u);
}

TEST(Websocket, OnlyTheBeginningOfALongFrameIsKept) {
  WsRecorder r;
  std::string frame = hex("827f 0000000000011170");  // 70000 bytes
  frame.append(70'000, 'x');
  r.server(frame + ws_frame(0x81, "next"));
  EXPECT_THAT(r.payloads(), ElementsAre(std::string(65'535, 'x'), "next"));
  EXPECT_THAT(r.tx(0).events(),
              Contains(static_cast<std::uint16_t>(websocket::Event::skip_end_of_payload)));
}

TEST(Websocket, ALossOutsideOfWhatIsSkippedEndsIt) {
  WsRecorder r;
  std::string frame = hex("827f 0000000000011170");
  frame.append(66'000, 'x');
  r.server(frame);
  r.lose(4'000);
  r.server(ws_frame(0x81, "next"));
  EXPECT_EQ(r.payloads().back(), "next");
  EXPECT_FALSE(r.stopped);
  r.lose(3);
  EXPECT_TRUE(r.stopped);
}

TEST(Websocket, FollowsTheUpgradeInTheSamePacket) {
  H2Recorder r;
  r.begin();
  r.from_client(
      "GET /s HTTP/1.1\r\nHost: a.vn\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  r.from_server("HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\n\r\n" +
                ws_frame(0x81, "hi"));
  r.from_client(ws_frame(0x88, "", "abcd"));
  r.close();
  ASSERT_EQ(r.transactions.size(), 3u);
  EXPECT_EQ(r.event(0)["http"]["status"], 101);
  EXPECT_EQ(r.event(1)["websocket"]["opcode"], "text");
  EXPECT_EQ(r.event(2)["websocket"]["opcode"], "connection_close");
  EXPECT_EQ(r.event(2)["websocket"]["mask"], 0x61626364);
  EXPECT_EQ(r.tx_protocols.back(), "websocket");
}

}  // namespace
}  // namespace chieng::collector
