#include "collector/protocol/pop3/pop3.h"

#include <gtest/gtest.h>

#include "collector/protocol/pop3/transaction.h"
#include "tests/unit/collector/protocol/conversation.h"

namespace chieng::collector::test {
namespace {

TEST(Pop3, CommandsAndResponses) {
  for (const std::size_t piece : {std::string_view::npos, std::size_t{1}}) {
    Conversation talk(kPop3);
    talk.in_pieces(piece).server("+OK ready\r\n").asks("USER a\r\n", "+OK\r\n");
    talk.asks("LIST\r\n", "+OK 2\r\n1 10\r\n..x\r\n.\r\n").asks("LIST 1\r\n", "+OK 1 10\r\n");
    talk.asks("DELE 9\r\n", "-ERR no such\r\n").end();
    ASSERT_EQ(talk.count(), 5u);
    EXPECT_EQ(talk.json(0),
              R"({"pop3":{"response":{"success":true,"status":"OK","header":"ready","data":[]}}})");
    EXPECT_EQ(talk.json(1), R"({"pop3":{"request":{"command":"USER","args":["a"]},)"
                            R"("response":{"success":true,"status":"OK","header":"","data":[]}}})");
    EXPECT_EQ(talk.json(2),
              R"({"pop3":{"request":{"command":"LIST","args":[]},)"
              R"("response":{"success":true,"status":"OK","header":"2","data":["1 10",".x"]}}})");
    EXPECT_EQ(talk.json(4),
              R"({"pop3":{"request":{"command":"DELE","args":["9"]},)"
              R"("response":{"success":false,"status":"ERR","header":"no such","data":[]}}})");
    for (std::size_t n = 0; n < 5; ++n) EXPECT_TRUE(talk.is_complete(n));
    EXPECT_TRUE(talk.events().empty());
  }
}

TEST(Pop3, MailsAreSteppedOver) {
  Conversation talk(kPop3);
  talk.server("+OK\r\n").asks("RETR 1\r\n", "+OK 9\r\n+OK x\r\n\r\n-ERR\r\n.\r\n");
  talk.asks("STAT\r\n", "+OK 1 2\r\n");
  ASSERT_EQ(talk.count(), 3u);
  EXPECT_NE(talk.json(1).find(R"("header":"9","data":[])"), std::string::npos);
  EXPECT_NE(talk.json(2).find("1 2"), std::string::npos);
}

TEST(Pop3, Pipelined) {
  Conversation talk(kPop3);
  talk.server("+OK\r\n").client("USER a\r\nSTAT\r\nQUIT\r\n").server("+OK\r\n+OK 1 2\r\n+OK\r\n");
  ASSERT_EQ(talk.count(), 4u);
  EXPECT_NE(talk.json(2).find("1 2"), std::string::npos);
}

TEST(Pop3, Credentials) {
  Conversation talk(kPop3);
  talk.server("+OK\r\n").asks("AUTH PLAIN\r\n", "+ \r\n").asks("QUIT\r\n", "+OK in\r\n");
  EXPECT_NE(talk.json(2).find("<SASL DATA>"), std::string::npos);
  EXPECT_EQ(talk.json(2).find("QUIT"), std::string::npos);
}

TEST(Pop3, StartTls) {
  Conversation talk(kPop3);
  talk.server("+OK\r\n").asks("STLS\r\n", "-ERR\r\n");
  EXPECT_FALSE(talk.has_changed());
  talk.asks("STLS\r\n", "+OK\r\n");
  EXPECT_TRUE(talk.has_changed());
}

TEST(Pop3, Events) {
  Conversation talk(kPop3);
  talk.server("+OK\r\n").asks("FOO\r\n", "-ERR\r\n").asks("USER a b\r\n", "-ERR\r\n");
  talk.asks("USER " + std::string(255, 'u') + "\r\n", "+OK " + std::string(600, 'r') + "\r\n");
  EXPECT_EQ(talk.events(), (std::vector<std::string>{"unknown_command", "incorrect_argument_count",
                                                     "request_too_long", "response_too_long"}));
}

TEST(Pop3, CommandsWithoutAResponseAreBounded) {
  Conversation talk(kPop3);
  std::string many;
  for (int i = 0; i < 257; ++i) many += "NOOP\r\n";
  talk.server("+OK\r\n").client(many);
  EXPECT_EQ(talk.events(), std::vector<std::string>{"too_many_transactions"});
  EXPECT_FALSE(talk.is_complete(1));
  EXPECT_TRUE(talk.is_complete(2));
}

TEST(Pop3, ListsAreBounded) {
  Conversation talk(kPop3);
  talk.server("+OK\r\n").client("LIST\r\n").server("+OK\r\n");
  for (int i = 0; i < 2000; ++i) talk.server(std::string(1000, 'x') + "\r\n");
  talk.server(".\r\n");
  EXPECT_LT(talk.json(1).size(), 300'000u);
  EXPECT_TRUE(talk.is_complete(1));
}

TEST(Pop3, Losses) {
  Conversation talk(kPop3);
  talk.server("+OK\r\n").client("LIST\r\n").server("+OK\r\n1 1\r\n2");
  talk.lose(Direction::to_client, 20).server("3\r\n.\r\n").asks("STAT\r\n", "+OK 5\r\n");
  EXPECT_NE(talk.json(2).find(R"("header":"5")"), std::string::npos);
  talk.client("NOOP\r\n").lose(Direction::to_client, 5).asks("STAT\r\n", "+OK 6\r\n");
  EXPECT_NE(talk.json(4).find(R"("header":"6")"), std::string::npos);
  talk.lose(Direction::to_server, 5).client("x STAT\r\n");
  EXPECT_EQ(talk.count(), 5u);
}

TEST(Pop3, Detection) {
  const auto probe = [](Direction d, std::string_view text, bool hint) {
    return kPop3.probe(d, as_bytes(text), hint);
  };
  constexpr auto ts = Direction::to_server, tc = Direction::to_client;
  EXPECT_EQ(probe(tc, "+OK\r\n", false), Probe::no);
  EXPECT_EQ(probe(tc, "+OK\r\n", true), Probe::yes);
  EXPECT_EQ(probe(tc, "+OK Dovecot POP3 ready\r\n", false), Probe::yes);
  EXPECT_EQ(probe(tc, "+OK <1.2@mx>\r\n", false), Probe::yes);
  EXPECT_EQ(probe(tc, "+OK ready\r\n", false), Probe::no);
  EXPECT_EQ(probe(ts, "USER a\r\n", false), Probe::no);
  EXPECT_EQ(probe(ts, "USER a\r\n", true), Probe::yes);
  EXPECT_EQ(probe(ts, "GET / HTTP/1.1\r\n", true), Probe::no);
}

}  // namespace
}  // namespace chieng::collector::test
