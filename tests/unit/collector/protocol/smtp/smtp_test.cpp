// Commands and replies: what a transaction is, and what goes wrong between the two sides.
#include "collector/protocol/smtp/smtp.h"

#include <gtest/gtest.h>

#include "collector/protocol/smtp/transaction.h"
#include "tests/unit/collector/protocol/conversation.h"

namespace chieng::collector::test {
namespace {

using smtp::SmtpTransaction;

constexpr std::string_view kMessage =
    "From: An <an@x.vn>\r\nTo: b@y.vn, \"C, D\" <c@y.vn>\r\nSubject: hi\r\n\r\nbody\r\n.\r\n";

Conversation& greet(Conversation& talk) {
  return talk.server("220 mx ESMTP\r\n").asks("EHLO c.example\r\n");
}
Conversation& envelope(Conversation& talk) {
  return talk.asks("MAIL FROM:<a@x.vn> SIZE=3\r\n").asks("RCPT TO: <b@y.vn>\r\n");
}
Conversation& send(Conversation& talk) {
  return envelope(talk).asks("DATA\r\n", "354 go\r\n").asks(kMessage);
}

TEST(Smtp, MailByMail) {
  for (const std::size_t piece : {std::string_view::npos, std::size_t{1}, std::size_t{7}}) {
    Conversation talk(kSmtp);
    greet(talk.in_pieces(piece));
    send(send(talk)).asks("QUIT\r\n", "221 bye\r\n").end();
    ASSERT_EQ(talk.count(), 2u);
    for (const std::size_t n : {0, 1}) {
      EXPECT_TRUE(talk.is_complete(n));
      EXPECT_EQ(talk.text(n, "smtp.helo"), "c.example");
      EXPECT_EQ(talk.text(n, "smtp.mail_from"), "<a@x.vn>");
      EXPECT_EQ(talk.text(n, "smtp.rcpt_to"), "<b@y.vn>");
      EXPECT_EQ(talk.text(n, "smtp.rcpt_to", 1), "-");
      EXPECT_EQ(talk.text(n, "email.subject"), "hi");
    }
    EXPECT_TRUE(talk.events().empty());
  }
}

TEST(Smtp, EventsMember) {
  Conversation talk(kSmtp);
  send(greet(talk));
  EXPECT_EQ(talk.json(0),
            R"({"smtp":{"helo":"c.example","mail_from":"<a@x.vn>","rcpt_to":["<b@y.vn>"]},)"
            R"("email":{"from":"An <an@x.vn>","to":["b@y.vn","\"C, D\" <c@y.vn>"],"subject":"hi",)"
            R"("status":"PARSE_DONE"}})");
}

TEST(Smtp, WithoutAMail) {
  Conversation talk(kSmtp);
  talk.server("220 mx\r\n").asks("QUIT\r\n", "221 bye\r\n").end();
  ASSERT_EQ(talk.count(), 1u);
  EXPECT_EQ(talk.json(0), R"({"smtp":{}})");
}

TEST(Smtp, ResetEndsATransaction) {
  Conversation talk(kSmtp);
  envelope(greet(talk)).asks("RSET\r\n").asks("MAIL FROM:<n@x>\r\n").end();
  ASSERT_EQ(talk.count(), 2u);
  EXPECT_EQ(talk.text(0, "smtp.mail_from"), "<a@x.vn>");
  EXPECT_EQ(talk.text(1, "smtp.mail_from"), "<n@x>");
  EXPECT_EQ(talk.text(1, "smtp.helo"), "c.example");
}

TEST(Smtp, RefusedResetChangesNothing) {
  Conversation talk(kSmtp);
  envelope(greet(talk)).asks("RSET\r\n", "500 no\r\n").asks("MAIL FROM:<n@x>\r\n");
  EXPECT_EQ(talk.count(), 1u);
  EXPECT_EQ(talk.text(0, "smtp.mail_from"), "<a@x.vn>");
  EXPECT_EQ(talk.events(), std::vector<std::string>{"duplicate_fields"});
}

TEST(Smtp, PipelinedResetCountsAtOnce) {
  Conversation talk(kSmtp);
  greet(talk)
      .client("MAIL FROM:<a@x>\r\nRSET\r\nMAIL FROM:<b@x>\r\nRCPT TO:<c@x>\r\nDATA\r\n")
      .server("250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n")
      .asks(kMessage);
  ASSERT_EQ(talk.count(), 2u);
  EXPECT_EQ(talk.text(1, "smtp.mail_from"), "<b@x>");
  EXPECT_EQ(talk.text(1, "email.subject"), "hi");
  EXPECT_TRUE(talk.is_complete(1));
}

TEST(Smtp, GreetingInTheMiddleResets) {
  Conversation talk(kSmtp);
  envelope(greet(talk)).asks("HELO d\r\n", "250-a\r\n250 b\r\n");
  send(talk);
  ASSERT_EQ(talk.count(), 2u);
  EXPECT_EQ(talk.events(), std::vector<std::string>{"duplicate_fields"});
  EXPECT_EQ(talk.text(0, "email.subject"), "-");
  EXPECT_EQ(talk.text(1, "email.subject"), "hi");
}

TEST(Smtp, SecondGreetingBeforeAMailDoesNotReset) {
  Conversation talk(kSmtp);
  send(greet(talk).asks("HELO d\r\n")).end();
  EXPECT_EQ(talk.count(), 1u);
  EXPECT_EQ(talk.text(0, "smtp.helo"), "c.example");
}

TEST(Smtp, WhatFollowsDataWaitsForTheAnswer) {
  Conversation talk(kSmtp);
  envelope(greet(talk)).client("DATA\r\n").client(kMessage).client("QUIT\r\n");
  EXPECT_EQ(talk.text(0, "email.subject"), "-");
  talk.server("354 go\r\n");
  EXPECT_EQ(talk.text(0, "email.subject"), "hi");
  EXPECT_EQ(talk.events(), std::vector<std::string>{"invalid_pipelined_sequence"});
}

TEST(Smtp, WhatFollowsARefusedDataIsCommands) {
  Conversation talk(kSmtp);
  greet(talk).client("DATA\r\n").client("RSET\r\nMAIL FROM:<a@x>\r\n").server("503 no\r\n");
  EXPECT_TRUE(talk.has_event("data_command_rejected"));
  ASSERT_EQ(talk.count(), 2u);
  EXPECT_EQ(talk.text(1, "smtp.mail_from"), "<a@x>");
}

TEST(Smtp, DataWithoutAnAnswerIsAMessage) {
  Conversation talk(kSmtp);
  envelope(greet(talk)).client("DATA\r\n").client(kMessage).end();
  EXPECT_EQ(talk.text(0, "email.subject"), "hi");
}

TEST(Smtp, Chunks) {
  Conversation talk(kSmtp);
  envelope(greet(talk))
      .asks("BDAT 17\r\nFrom: q@x\r\nSubjec")
      .asks("BDAT 8 LAST\r\nt: s\r\n\r\n")
      .asks("MAIL FROM:<n@x>\r\n");
  ASSERT_EQ(talk.count(), 2u);
  EXPECT_EQ(talk.text(0, "email.subject"), "s");
  EXPECT_EQ(talk.text(0, "email.from"), "q@x");
  EXPECT_TRUE(talk.is_complete(0));
  EXPECT_TRUE(talk.events().empty());
}

TEST(Smtp, PipelinedChunks) {
  Conversation talk(kSmtp);
  envelope(greet(talk))
      .client("BDAT 7\r\nCc: q@xBDAT 4\r\n\r\n\r\nBDAT 0 LAST\r\nRSET\r\nMAIL FROM:<n@x>\r\n")
      .server("250 a\r\n250 b\r\n250 c\r\n250 d\r\n250 e\r\n");
  ASSERT_EQ(talk.count(), 2u);
  EXPECT_EQ(talk.text(0, "email.cc"), "q@x");
  EXPECT_EQ(talk.text(1, "smtp.mail_from"), "<n@x>");
}

TEST(Smtp, BadChunkSizes) {
  for (const std::string_view bad : {"BDAT\r\n", "BDAT x\r\n", "BDAT -1\r\n", "BDAT 5x\r\n",
                                     "BDAT 1 LASTX\r\n", "BDAT 99999999999999999999999999\r\n"}) {
    Conversation talk(kSmtp);
    envelope(greet(talk)).client(bad);
    EXPECT_EQ(talk.events(), std::vector<std::string>{"invalid_bdat"}) << bad;
  }
}

TEST(Smtp, StartTls) {
  Conversation talk(kSmtp);
  greet(talk).asks("STARTTLS\r\n", "454 no\r\n");
  EXPECT_FALSE(talk.has_changed());
  EXPECT_EQ(talk.events(), std::vector<std::string>{"tls_rejected"});
  talk.asks("starttls\r\n", "220 go\r\n");
  EXPECT_TRUE(talk.has_changed());
  EXPECT_TRUE(talk.is_complete(0));
}

TEST(Smtp, TlsAcceptedWhileAMailIsAskedFor) {
  for (const std::string_view mail : {"DATA\r\n", "DATA\r\nheld\r\n", "BDAT 5\r\nab"}) {
    Conversation talk(kSmtp);
    greet(talk).client("STARTTLS\r\n").client(mail).server("220 go\r\n354 and this\r\n");
    talk.client("cdef\r\n.\r\n");
    EXPECT_TRUE(talk.has_changed());
    EXPECT_TRUE(talk.is_complete(0));
  }
}

TEST(Smtp, CredentialsAreNoCommands) {
  Conversation talk(kSmtp);
  greet(talk).asks("AUTH LOGIN\r\n", "334 VXNlcg==\r\n").asks("RSET\r\n", "334 UGFz\r\n");
  talk.asks("QUIT\r\n", "235 ok\r\n").asks("MAIL FROM:<a@x>\r\n");
  EXPECT_EQ(talk.count(), 1u);
  EXPECT_EQ(talk.text(0, "smtp.mail_from"), "<a@x>");
}

TEST(Smtp, NoWelcomeAndBadReplies) {
  Conversation talk(kSmtp);
  talk.asks("HELO c\r\n", "xyz\r\n").server("999 no\r\n");
  EXPECT_EQ(talk.events(),
            (std::vector<std::string>{"no_server_welcome_message", "invalid_reply"}));
  Conversation busy(kSmtp);
  busy.server("554 no\r\n");
  EXPECT_EQ(busy.events(), std::vector<std::string>{"invalid_reply"});
}

TEST(Smtp, LongLinesAreCut) {
  Conversation talk(kSmtp);
  talk.server("220 mx\r\n").asks("HELO " + std::string(10'000, 'h') + "\r\n");
  EXPECT_EQ(talk.text(0, "smtp.helo").size(), 4096u - 5);
  talk.asks("MAIL FROM:<a@x>\r\n", "250 " + std::string(10'000, 'r') + "\r\n");
  EXPECT_EQ(talk.text(0, "smtp.mail_from"), "<a@x>");
  EXPECT_EQ(talk.events(), (std::vector<std::string>{"truncated_line", "truncated_line"}));
}

TEST(Smtp, LinesEndWithLfAlone) {
  Conversation talk(kSmtp);
  talk.server("220 mx\n").asks("HELO c\n", "250 ok\n").asks("MAIL FROM:<a@x>\n", "250 ok\n");
  talk.asks("DATA\n", "354 go\n").asks("Subject: s\n\nx\n.\n", "250 ok\n");
  EXPECT_EQ(talk.text(0, "email.subject"), "s");
  EXPECT_TRUE(talk.is_complete(0));
}

TEST(Smtp, LossAmongCommands) {
  Conversation talk(kSmtp);
  greet(talk).asks("MAIL FROM:<a@x>\r\n");
  talk.lose(Direction::to_server, 50).client("> tail\r\n").asks("RCPT TO:<b@y>\r\n");
  talk.client("RCPT TO:<c@y>\r\n").lose(Direction::to_client, 8);
  talk.asks("DATA\r\n", "354 go\r\n").asks(kMessage);
  EXPECT_EQ(talk.text(0, "smtp.rcpt_to"), "<b@y>");
  EXPECT_EQ(talk.text(0, "email.subject"), "hi");
  EXPECT_TRUE(talk.is_complete(0));
}

TEST(Smtp, LossOfAMessagesEnd) {
  Conversation talk(kSmtp);
  envelope(greet(talk)).asks("DATA\r\n", "354 go\r\n").client("Subject: s\r\n\r\nbo");
  talk.lose(Direction::to_server, 100).client("y\r\n").server("250 ok\r\n");
  EXPECT_TRUE(talk.is_complete(0));
  talk.asks("MAIL FROM:<n@x>\r\n");
  EXPECT_EQ(talk.text(1, "smtp.mail_from"), "<n@x>");
}

TEST(Smtp, LossInAChunk) {
  Conversation talk(kSmtp);
  envelope(greet(talk)).client("BDAT 1000 LAST\r\nSubject: s\r\n\r\n");
  talk.lose(Direction::to_server, 900).client(std::string(1000 - 900 - 14, 'x') + "RSET\r\n");
  EXPECT_TRUE(talk.is_complete(0));
  EXPECT_EQ(talk.text(0, "email.subject"), "s");
}

TEST(Smtp, RecipientsAreBounded) {
  Conversation talk(kSmtp);
  greet(talk).client("MAIL FROM:<a@x>\r\n");
  std::string many;
  for (int i = 0; i < 5000; ++i) many += "RCPT TO:<b@y>\r\n";
  talk.client(many);
  EXPECT_EQ(talk.tx<SmtpTransaction>(0).recipients.size(), 1024u);
}

TEST(Smtp, Frames) {
  using Frames = std::vector<Conversation::SeenFrame>;
  constexpr std::uint8_t command = 0, data = 1, response = 2;
  for (const std::size_t piece : {std::string_view::npos, std::size_t{1}, std::size_t{4}}) {
    Conversation talk(kSmtp);
    talk.in_pieces(piece).server("220 mx\r\n").asks("HELO c\r\n", "250-a\r\n250 b\n");
    talk.client("DATA\r\nS: s\r\n").server("354 go\r\n").client("\r\nx\r\n.\r\nQUIT\n");
    EXPECT_EQ(talk.frames(Direction::to_server), (Frames{{command, 0, 8},
                                                         {command, 0, 6},
                                                         {command, 8, 14},
                                                         {command, 8, 12},
                                                         {data, 14, 28},
                                                         {command, 28, 33},
                                                         {command, 28, 32}}));
    EXPECT_EQ(
        talk.frames(Direction::to_client),
        (Frames{{response, 0, 8}, {response, 8, 15}, {response, 15, 21}, {response, 21, 29}}));
  }
}

Probe probe(Direction d, std::string_view text, bool hint) {
  return kSmtp.probe(d, as_bytes(text), hint);
}

TEST(Smtp, Detection) {
  constexpr auto ts = Direction::to_server, tc = Direction::to_client;
  EXPECT_EQ(probe(ts, "EHLO x\r\n", false), Probe::yes);
  EXPECT_EQ(probe(ts, "helo x\r\n", false), Probe::yes);
  EXPECT_EQ(probe(ts, "EH", false), Probe::maybe);
  EXPECT_EQ(probe(ts, "EHLOX", false), Probe::no);
  EXPECT_EQ(probe(ts, "MAIL FROM:<a@x>\r\n", false), Probe::no);
  EXPECT_EQ(probe(ts, "MAIL FROM:<a@x>\r\n", true), Probe::yes);
  EXPECT_EQ(probe(ts, "GET / HTTP/1.1\r\n", true), Probe::no);
  EXPECT_EQ(probe(tc, "220 ftp ready\r\n", false), Probe::no);
  EXPECT_EQ(probe(tc, "220 mail ready\r\n", true), Probe::yes);
  EXPECT_EQ(probe(tc, "220-mx ESMTP\r\n", false), Probe::yes);
  EXPECT_EQ(probe(tc, "22", false), Probe::maybe);
}

}  // namespace
}  // namespace chieng::collector::test
