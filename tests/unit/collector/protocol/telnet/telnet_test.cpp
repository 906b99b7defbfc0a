#include "collector/protocol/telnet/telnet.h"

#include <gtest/gtest.h>

#include "tests/unit/collector/frames.h"
#include "tests/unit/collector/protocol/conversation.h"

namespace chieng::collector {
namespace {

using namespace test;
using Frames = std::vector<Conversation::SeenFrame>;

TEST(Telnet, CommandsAndTextAreApart) {
  Conversation talk(kTelnet);
  talk.client(hex("fffd03 fff6") + "an\r\n" + hex("fffa1800") + "xterm" + hex("fff0"));
  EXPECT_EQ(talk.frames(Direction::to_server), (Frames{{0, 0, 3},
                                                       {1, 0, 3},
                                                       {0, 3, 5},
                                                       {1, 3, 5},
                                                       {0, 5, 9},
                                                       {2, 5, 9},
                                                       {0, 9, 18},
                                                       {1, 9, 18},
                                                       {0, 18, 20},
                                                       {1, 18, 20}}));
}

TEST(Telnet, ACommandInPiecesIsOne) {
  Conversation talk(kTelnet);
  talk.in_pieces(1).server(hex("fffb01") + "a");
  EXPECT_EQ(talk.frames(Direction::to_client),
            (Frames{{0, 0, 3}, {1, 0, 3}, {0, 3, 4}, {2, 3, 4}}));
}

TEST(Telnet, ACommandThatNeverEndsIsGivenUp) {
  Conversation talk(kTelnet);
  talk.client(hex("fffa18") + std::string(5000, 'x'));
  talk.client("ls\r\n");
  ASSERT_FALSE(talk.frames(Direction::to_server).empty());
  EXPECT_EQ(talk.frames(Direction::to_server).back(), (Conversation::SeenFrame{2, 5003, 5007}));
}

TEST(Telnet, ItsOpeningIsKnownOnAnyPort) {
  const auto probe = [](const std::string& data, bool hint) {
    return kTelnet.probe(Direction::to_client, as_bytes(data), hint);
  };
  EXPECT_EQ(probe(hex("fffd18 fffd20"), false), Probe::yes);
  EXPECT_EQ(probe(hex("fffd18 ffff20"), false), Probe::no);
  EXPECT_EQ(probe("login: ", false), Probe::no);
  EXPECT_EQ(probe("login: ", true), Probe::yes);
  EXPECT_EQ(probe(hex("0102030405"), true), Probe::no);
}

}  // namespace
}  // namespace chieng::collector
