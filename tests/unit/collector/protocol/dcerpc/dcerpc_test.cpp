#include "collector/protocol/dcerpc/dcerpc.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "collector/protocol/dcerpc/datagram.h"
#include "tests/unit/collector/flow/recorder.h"

namespace chieng::collector {
namespace {

using namespace test;
using nlohmann::json;

std::string bytes_of(std::string_view hex) {
  std::string packed, out;
  for (const char c : hex)
    if (c != ' ') packed += c;
  EXPECT_TRUE(from_hex(packed, out));
  return out;
}

std::string number(std::uint64_t n, unsigned bytes, bool little) {
  std::string out(bytes, '\0');
  for (unsigned i = 0; i < bytes; ++i)
    out[little ? i : bytes - 1 - i] = static_cast<char>(n >> 8 * i);
  return out;
}

// The common header and a body behind it.
std::string pdu(unsigned type, std::uint32_t call, const std::string& body, unsigned flags = 3,
                bool little = true) {
  std::string out = {5,
                     0,
                     static_cast<char>(type),
                     static_cast<char>(flags),
                     static_cast<char>(little ? 0x10 : 0),
                     0,
                     0,
                     0};
  out += number(16 + body.size(), 2, little) + number(0, 2, little) + number(call, 4, little);
  return out + body;
}

// The service control manager, 2.0, as context 1.
std::string bind(std::uint32_t call, unsigned type = 11) {
  return pdu(type, call,
             bytes_of("b810b810 00000000 01000000 0100 0100"
                      "81bb7a36449 8f135ad3298f038001003 02000000"
                      "045d888aeb1cc9119fe808002b104860 02000000"));
}
std::string bind_ack(std::uint32_t call, unsigned result = 0) {
  return pdu(12, call,
             bytes_of("b810b810 d62a0000 0400 31333500 0000 01000000") + number(result, 2, true) +
                 number(0, 2, true) + std::string(20, '\0'));
}
std::string request(std::uint32_t call, std::uint16_t opnum, const std::string& stub,
                    unsigned flags = 3, bool little = true, std::uint16_t context = 1) {
  return pdu(
      0, call,
      number(stub.size(), 4, little) + number(context, 2, little) + number(opnum, 2, little) + stub,
      flags, little);
}
std::string response(std::uint32_t call, const std::string& stub, unsigned flags = 3) {
  return pdu(2, call, number(stub.size(), 4, true) + std::string(4, '\0') + stub, flags);
}

// A conversation in segments of at most `size` bytes.
class Conversation {
 public:
  explicit Conversation(std::size_t size, std::uint16_t port = 49152) : size_(size) {
    r.ends.dst_port = port;
    r.handshake();
  }
  void say(bool client, const std::string& data) {
    for (std::size_t at = 0; at < data.size(); at += size_) {
      const std::string part = data.substr(at, size_);
      client ? r.client(sent_[0], part, sent_[1]) : r.server(sent_[1], part, sent_[0]);
      sent_[client ? 0 : 1] += static_cast<std::uint32_t>(part.size());
    }
  }
  void lose(bool client, std::uint32_t bytes) { sent_[client ? 0 : 1] += bytes; }
  json event(std::size_t n) { return json::parse(r.transactions.at(n))["dcerpc"]; }
  Recorder r;

 private:
  std::size_t size_;
  std::uint32_t sent_[2]{};
};

TEST(Dcerpc, BindAndCallInPiecesOfAnySize) {
  for (const std::size_t size : {1u, 3u, 17u, 1400u}) {
    Conversation c(size);
    c.say(true, bind(1));
    c.say(false, bind_ack(1));
    c.say(true, request(2, 12, "create"));
    c.say(false, response(2, "done"));
    ASSERT_EQ(c.r.transactions.size(), 2u) << size;
    EXPECT_EQ(c.event(0), json::parse(R"({"request":"BIND","response":"BINDACK","interfaces":[
      {"uuid":"367abb81-9844-35f1-ad32-98f038001003","version":"2.0","ack_result":0,
       "service":"svcctl"}],"call_id":1,"rpc_version":"5.0"})"));
    EXPECT_EQ(c.event(1), json::parse(R"({"request":"REQUEST","response":"RESPONSE",
      "req":{"opnum":12,"frag_cnt":1,"stub_data_size":6},"interfaces":[
      {"uuid":"367abb81-9844-35f1-ad32-98f038001003","version":"2.0","ack_result":0,
       "service":"svcctl","procedure":"CreateServiceW"}],
      "res":{"frag_cnt":1,"stub_data_size":12},"call_id":2,"rpc_version":"5.0"})"));
  }
}

TEST(Dcerpc, FragmentsAreOneCall) {
  Conversation c(1000);
  c.say(true, bind(1));
  c.say(false, bind_ack(1));
  c.say(true,
        request(2, 12, "first ", 1) + request(2, 12, "middle ", 0) + request(2, 12, "last", 2));
  c.say(false, response(2, "a", 1));
  EXPECT_EQ(c.r.transactions.size(), 1u);
  c.say(false, response(2, "b", 2));
  ASSERT_EQ(c.r.transactions.size(), 2u);
  EXPECT_EQ(c.event(1)["req"], json::parse(R"({"opnum":12,"frag_cnt":3,"stub_data_size":17})"));
  EXPECT_EQ(c.event(1)["res"]["frag_cnt"], 2);
}

TEST(Dcerpc, BothByteOrders) {
  Conversation c(1000);
  c.say(true, request(7, 0x1234, "abcd", 3, false));
  c.say(false, response(7, ""));
  ASSERT_EQ(c.r.transactions.size(), 1u);
  EXPECT_EQ(c.event(0)["req"]["opnum"], 0x1234);
  EXPECT_EQ(c.event(0)["call_id"], 7);
}

TEST(Dcerpc, ARefusedContextIsNoInterfaceOfACall) {
  Conversation c(1000);
  c.say(true, bind(1));
  c.say(false, bind_ack(1, 2));
  c.say(true, request(2, 12, "x"));
  c.say(false, response(2, "y"));
  EXPECT_EQ(c.event(0)["interfaces"][0]["ack_result"], 2);
  EXPECT_FALSE(c.event(1).contains("interfaces"));
}

TEST(Dcerpc, CallsOverlapAndFaultsAnswer) {
  Conversation c(1000);
  c.say(true, request(1, 1, "one") + request(2, 2, "two"));
  c.say(false, response(2, "x"));
  c.say(false, pdu(3, 1, std::string(16, '\0')));
  ASSERT_EQ(c.r.transactions.size(), 2u);
  EXPECT_EQ(c.event(0)["call_id"], 2);
  EXPECT_EQ(c.event(1)["response"], "FAULT");
}

TEST(Dcerpc, GoesOnAfterAGap) {
  Conversation c(1000);
  c.say(true, bind(1));
  c.say(false, bind_ack(1));
  const std::string long_request = request(2, 12, std::string(500, 'A'));
  c.say(true, long_request.substr(0, 100));
  c.lose(true, 200);
  c.say(true, long_request.substr(300));  // the rest of a fragment that is not whole
  c.say(true, request(3, 15, "open"));
  c.say(false, response(3, "ok"));
  c.r.client(0, "", 0, tcp_flag::rst);
  ASSERT_GE(c.r.transactions.size(), 2u);
  EXPECT_EQ(c.event(1)["req"]["opnum"], 15);
}

TEST(Dcerpc, HostileLengthsAreSurvived) {
  for (const std::string& bad :
       {bytes_of("05000003100000000f00000001000000"),  // shorter than a header
        bytes_of("05000b031000000048000000 01000000 b810b810 00000000 ff000000 0000ff00"),
        bytes_of("05000003100000001800ffff01000000 0000000001000200"),  // verifier past the end
        bytes_of("05000c03100000001c00000001000000 b810b810 00000000 ffff0000")}) {
    Conversation c(5);
    c.say(true, bind(1));
    c.say(true, bad);
    c.say(true, request(2, 12, "x"));
    c.say(false, bad);
  }
}

TEST(Dcerpc, TheOldestOpenCallIsGivenUp) {
  Conversation c(60000);
  std::string many;
  for (std::uint32_t i = 0; i < 600; ++i) many += request(i, 1, "x");
  c.say(true, many);
  c.say(true, request(1000, 1, "x"));
  EXPECT_GE(c.r.transactions.size(), 300u);  // reported, though nobody answered
  EXPECT_EQ(c.event(0)["response"], "UNREPLIED");
}

TEST(Dcerpc, ACallCutOffByTheServersEndIsForgotten) {
  Conversation c(1000);
  c.say(true, request(2, 12, "x"));
  const std::string part = response(2, "a", 1);  // a first fragment that no other follows
  c.say(false, part);
  c.r.server(static_cast<std::uint32_t>(part.size()), "", 0, tcp_flag::fin | tcp_flag::ack);
  for (std::uint32_t call = 2; call < 9; ++call) c.say(true, request(call, 12, "y", 2));
  EXPECT_GE(c.r.transactions.size(), 1u);
}

TEST(Dcerpc, ProbesDoNotTakeOtherProtocols) {
  const auto probe = [](std::string_view data, Direction d = Direction::to_server) {
    return kDcerpc.probe(d, as_bytes(data), false);
  };
  EXPECT_EQ(probe(bind(1)), Probe::yes);
  EXPECT_EQ(probe(bind(1), Direction::to_client), Probe::no);
  EXPECT_EQ(probe(bind_ack(1), Direction::to_client), Probe::yes);
  EXPECT_EQ(probe(std::string("\x05\x01\x00", 3)), Probe::maybe);  // SOCKS 5 looks so, too
  EXPECT_EQ(probe("\x05\x02\x00\x02"), Probe::no);
  EXPECT_EQ(probe("GET / HTTP/1.1\r\n"), Probe::no);
  EXPECT_EQ(probe(std::string(100, '\4')), Probe::no);
}

TEST(Dcerpc, DatagramsNameTheirInterface) {
  std::string head = bytes_of("04000800 100000 00") + std::string(16, '\0') +
                     bytes_of("81bb7a36449 8f135ad3298f038001003") +
                     bytes_of("00112233445566778899aabbccddeeff") + number(0, 4, true) +
                     number(2, 4, true) + number(9, 4, true) + number(12, 2, true) +
                     number(0xffff, 2, true) + number(0xffff, 2, true) + number(4, 2, true) +
                     number(0, 2, true) + std::string(2, '\0');
  ASSERT_EQ(head.size(), dcerpc::DatagramHeader::kSize);
  Recorder r;
  r.ends.dst_port = 1026;
  r.send(ethernet(ipv4(r.ends, 17, udp(r.ends, head + "stub"))));
  head[1] = 2;  // the answer
  r.send(ethernet(ipv4(r.ends.reversed(), 17, udp(r.ends.reversed(), head + "back"))));
  ASSERT_EQ(r.transactions.size(), 1u);
  const json event = json::parse(r.transactions[0])["dcerpc"];
  EXPECT_EQ(event["rpc_version"], "4.0");
  EXPECT_EQ(event["seqnum"], 9);
  EXPECT_EQ(event["activityuuid"], "33221100-5544-7766-8899-aabbccddeeff");
  EXPECT_EQ(event["interfaces"][0]["procedure"], "CreateServiceW");
  EXPECT_EQ(event["req"]["stub_data_size"], 4);
}

}  // namespace
}  // namespace chieng::collector
