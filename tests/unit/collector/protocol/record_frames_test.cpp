// Frames of protocols whose records say how long they are.
#include <gtest/gtest.h>

#include "collector/protocol/dcerpc/dcerpc.h"
#include "collector/protocol/ldap/ldap.h"
#include "collector/protocol/mqtt/mqtt.h"
#include "collector/protocol/rfb/rfb.h"
#include "collector/protocol/sip/sip.h"
#include "collector/protocol/smb/smb.h"
#include "collector/protocol/ssh/ssh.h"
#include "tests/unit/collector/frames.h"
#include "tests/unit/collector/protocol/conversation.h"

namespace chieng::collector {
namespace {

using namespace test;
using Frames = std::vector<Conversation::SeenFrame>;

TEST(RecordFrames, Ssh) {
  Conversation talk(kSsh);
  talk.in_pieces(3).client("SSH-2.0-a\r\n" + hex("0000000c 0a 15") + std::string(10, '\0'));
  EXPECT_EQ(talk.frames(Direction::to_server), (Frames{{0, 11, 17}, {1, 17, 27}, {2, 11, 27}}));
}

TEST(RecordFrames, Dcerpc) {
  const std::string bind = hex("05000b03 10000000 2400 0000 01000000") + std::string(20, '\0');
  Conversation talk(kDcerpc);
  talk.in_pieces(5).client(bind + bind);
  EXPECT_EQ(talk.frames(Direction::to_server),
            (Frames{{0, 0, 36}, {1, 0, 16}, {2, 16, 36}, {0, 36, 72}, {1, 36, 52}, {2, 52, 72}}));
}

TEST(RecordFrames, SmbOfEveryVersion) {
  const std::string smb1 = hex("ff534d42 72") + std::string(35, '\0');
  const std::string smb2 = hex("fe534d42 4000") + std::string(70, '\0');
  const std::string smb3 = hex("fd534d42") + std::string(60, '\0');
  std::string all;
  for (const std::string& message : {smb1, smb2, smb3})
    all += hex("0000") + be16(static_cast<unsigned>(message.size())) + message;
  Conversation talk(kSmb);
  talk.client(all);
  EXPECT_EQ(talk.frames(Direction::to_server), (Frames{{0, 0, 44},
                                                       {1, 0, 4},
                                                       {2, 4, 44},
                                                       {3, 4, 44},
                                                       {4, 4, 36},
                                                       {5, 36, 44},
                                                       {0, 44, 124},
                                                       {1, 44, 48},
                                                       {2, 48, 124},
                                                       {6, 48, 124},
                                                       {7, 48, 112},
                                                       {8, 112, 124},
                                                       {0, 124, 192},
                                                       {1, 124, 128},
                                                       {2, 128, 192},
                                                       {9, 128, 192},
                                                       {10, 128, 180},
                                                       {11, 180, 192}}));
}

TEST(RecordFrames, Mqtt) {
  Conversation talk(kMqtt);
  talk.in_pieces(2).client(hex("100c 0004") + "MQTT" + hex("04020000 0000") + hex("c000"));
  EXPECT_EQ(talk.frames(Direction::to_server),
            (Frames{{0, 0, 14}, {1, 0, 2}, {2, 2, 14}, {0, 14, 16}, {1, 14, 16}}));
}

TEST(RecordFrames, LdapInDatagramsEachFromItsBeginning) {
  const std::string unbind = hex("3005 020101 4200");
  Conversation talk(kLdap);
  talk.client(unbind);
  EXPECT_EQ(talk.frames(Direction::to_server), (Frames{{0, 0, 7}}));
}

TEST(RecordFrames, RfbAsTheyTakeTurns) {
  Conversation talk(kRfb);
  talk.server("RFB 003.008\n").client("RFB 003.008\n").server(hex("020102"));
  EXPECT_EQ(talk.frames(Direction::to_client), (Frames{{0, 0, 12}, {0, 12, 15}}));
  EXPECT_EQ(talk.frames(Direction::to_server), (Frames{{0, 0, 12}}));
}

TEST(RecordFrames, SipByItsParts) {
  Conversation talk(kSip);
  talk.client("MESSAGE sip:a@b SIP/2.0\r\nTo: <sip:a@b>\r\nContent-Length: 2\r\n\r\nhi");
  talk.server("SIP/2.0 200 OK\r\nTo: <sip:a@b>\r\n\r\n");
  EXPECT_EQ(talk.frames(Direction::to_server),
            (Frames{{0, 0, 63}, {1, 0, 25}, {2, 25, 59}, {3, 61, 63}}));
  EXPECT_EQ(talk.frames(Direction::to_client), (Frames{{0, 0, 33}, {4, 0, 16}, {5, 16, 31}}));
}

}  // namespace
}  // namespace chieng::collector
