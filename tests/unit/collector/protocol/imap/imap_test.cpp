#include "collector/protocol/imap/imap.h"

#include <gtest/gtest.h>

#include "tests/unit/collector/protocol/conversation.h"

namespace chieng::collector::test {
namespace {

TEST(Imap, StartTls) {
  Conversation talk(kImap);
  talk.server("* OK IMAP4rev1\r\n").asks("a1 STARTTLS\r\n", "* x\r\na1 BAD no\r\n");
  EXPECT_FALSE(talk.has_changed());
  talk.in_pieces(1).asks("a2 starttls\r\n", "a2 OK go\r\n");
  EXPECT_TRUE(talk.has_changed());
}

TEST(Imap, OnlyTheAnswerToStartTlsCounts) {
  Conversation talk(kImap);
  talk.server("* OK IMAP4rev1\r\n").asks("a1 LOGIN a b\r\n", "a1 OK\r\n");
  talk.client("a2 STARTTLS\r\n").server("a22 OK\r\n");
  talk.lose(Direction::to_client, 3).server("a2 OK\r\n");
  EXPECT_FALSE(talk.has_changed());
}

TEST(Imap, Detection) {
  const auto probe = [](Direction d, std::string_view text, bool hint) {
    return kImap.probe(d, as_bytes(text), hint);
  };
  EXPECT_EQ(probe(Direction::to_client, "* OK hello\r\n", false), Probe::yes);
  EXPECT_EQ(probe(Direction::to_client, "* O", false), Probe::maybe);
  EXPECT_EQ(probe(Direction::to_client, "* BYE\r\n", false), Probe::no);
  EXPECT_EQ(probe(Direction::to_server, "a CAPABILITY\r\n", true), Probe::yes);
  EXPECT_EQ(probe(Direction::to_server, "a CAPABILITY\r\n", false), Probe::no);
}

}  // namespace
}  // namespace chieng::collector::test
